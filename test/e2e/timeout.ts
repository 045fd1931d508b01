/** One call of a real n8n may take seconds on a busy machine; jest's own limit is five. */
jest.setTimeout(60_000);
