import { measureListening } from './listening';

/* Over the IPC channel: { rounds, seed } asks for the figures. */

process.on('message', ({ rounds, seed }: { rounds: number; seed: number }) => {
	void measureListening(rounds, seed).then(
		(figures) => process.send!(figures),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
process.on('disconnect', () => process.exit());
process.send!({});
