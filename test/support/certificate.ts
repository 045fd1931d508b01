import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate that signs itself, made for one test, with its key. Both are PEM. */
export function selfSignedCertificate({
	host,
	from = new Date(Date.now() - 86_400_000),
	until = new Date(Date.now() + 86_400_000),
}: {
	host: string;
	from?: Date;
	until?: Date;
}): { key: string; cert: string } {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
	const name = sequence(
		der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(host, 'utf8')))),
	);
	// The alternative name, as a DNS name (2).
	const alternativeNames = sequence(
		objectId('551d11'),
		der(0x04, sequence(der(0x82, Buffer.from(host, 'latin1')))),
	);
	const body = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(0x02, Buffer.from([1])),
		ecdsaWithSha256,
		name,
		sequence(time(from), time(until)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, sequence(alternativeNames)),
	);
	const signature = sign('sha256', body, privateKey);
	const certificate = sequence(
		body,
		ecdsaWithSha256,
		der(0x03, Buffer.concat([Buffer.from([0]), signature])),
	);
	const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
	return {
		key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
		cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
	};
}

function der(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const size =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
	return der(0x30, Buffer.concat(parts));
}

function objectId(hex: string): Buffer {
	return der(0x06, Buffer.from(hex, 'hex'));
}

/** A GeneralizedTime. */
function time(date: Date): Buffer {
	const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
	return der(0x18, Buffer.from(`${digits}Z`, 'latin1'));
}
