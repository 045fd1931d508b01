import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { SCAN_WITHIN } from './pairing';
import type { Pairing } from './pairing';
import { withoutKey } from '../api/links';
import type { Picture } from '../api/picture';

/** The fields of an item with the picture of a QR code. */
export function qrCodeFields({
	botId,
	status,
	shownAt,
	pictures,
	qrCodeLink,
}: Pairing): IDataObject {
	return {
		botId,
		status,
		connected: false,
		qrCodeNumber: pictures,
		...(shownAt === undefined ? {} : { scanBefore: new Date(shownAt + SCAN_WITHIN).toISOString() }),
		...(qrCodeLink === undefined ? {} : { qrCodeUrl: withoutKey(qrCodeLink) }),
	};
}

export async function fileOf(
	functions: IExecuteFunctions,
	{ bytes, mimeType, extension }: Picture,
): Promise<IBinaryData> {
	return await functions.helpers.prepareBinaryData(bytes, `qr-code.${extension}`, mimeType);
}
