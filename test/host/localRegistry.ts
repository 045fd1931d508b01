import express from 'express';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { contentHash, runStep, withLock, type Log } from '../steps.cjs';
import { buildOnce } from '../support/buildOnce';
import { projectRoot } from './install';
import type { InstalledPackage, N8nApi } from './N8nApi';
import type { Host } from './startHost';

/** Everything that goes into the packed tarball. */
const PACKED = ['dist', 'package.json', 'index.js', 'README.md', 'LICENSE.md'];

export interface PackedProject {
	/** Path of the .tgz file. */
	tarball: string;
	name: string;
	version: string;
	/** SHA-256 over everything in it. */
	contents: string;
}

/**
 * Builds and packs the project with `npm pack`, unless there is a tarball with this very content.
 */
export async function packProject({ log = console.log }: { log?: Log } = {}) {
	const folder = join(projectRoot, '.test-output', 'pack');
	const record = join(folder, 'packed.json');
	return await withLock(
		join(folder, 'pack.lock'),
		async (): Promise<PackedProject> => {
			await buildOnce();
			const contents = contentHash(projectRoot, PACKED);
			const earlier = readRecord(record);
			if (earlier?.contents === contents && existsSync(earlier.tarball)) return earlier;
			mkdirSync(folder, { recursive: true });
			const output = await runStep(
				'Packing the nodes',
				'npm',
				['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
				{ cwd: projectRoot, log },
			);
			const [{ filename, name, version }] = JSON.parse(output);
			const packed = { tarball: join(folder, filename), name, version, contents };
			writeFileSync(record, JSON.stringify(packed));
			return packed;
		},
		log,
	);
}

function readRecord(file: string): PackedProject | undefined {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as PackedProject;
	} catch {
		return undefined;
	}
}

/**
 * Installs a packed tarball into a running n8n the way a user's install does: n8n itself asks npm
 * for it, unpacks it and loads it. A package of that name that is there already is replaced.
 */
export async function installTarball(
	host: Host,
	api: N8nApi,
	tarball: string,
): Promise<InstalledPackage> {
	const registry = await startLocalRegistry(tarball);
	host.useRegistry(registry.url);
	try {
		const { name, version } = registry;
		const isThere = (await api.installedPackages()).some((other) => other.packageName === name);
		return isThere
			? await api.updatePackage(name, version)
			: await api.installPackage(name, version);
	} finally {
		host.useRegistry(undefined);
		await registry.close();
	}
}

/** An npm registry on loopback that knows one package: the given tarball. */
async function startLocalRegistry(tarball: string) {
	const content = readFileSync(tarball);
	const manifest = JSON.parse(
		execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }),
	) as { name: string; version: string };
	const digest = (algorithm: string) => createHash(algorithm).update(content);
	const app = express();
	app.get('/tarball/:file', (_request, response) => {
		response.type('application/octet-stream').send(content);
	});
	app.get('/:name', (request, response) => {
		if (request.params.name !== manifest.name) {
			response.status(404).json({ error: 'Not found' });
			return;
		}
		const dist = {
			tarball: `http://${request.headers.host}/tarball/${basename(tarball)}`,
			integrity: `sha512-${digest('sha512').digest('base64')}`,
			shasum: digest('sha1').digest('hex'),
		};
		response.json({
			name: manifest.name,
			'dist-tags': { latest: manifest.version },
			versions: { [manifest.version]: { ...manifest, dist } },
		});
	});
	const server = app.listen(0, '127.0.0.1');
	await new Promise<void>((resolve, reject) => {
		server.once('listening', resolve);
		server.once('error', reject);
	});
	return {
		name: manifest.name,
		version: manifest.version,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
