import axios from 'axios';
import { Agent } from 'node:http';

/** One call of a real n8n may take seconds on a busy machine; jest's own limit is five. */
jest.setTimeout(60_000);

// n8n closes a connection after 5 seconds without a call. A busy machine may learn of that too late,
// and send the next call into it.
axios.defaults.httpAgent = new Agent({ keepAlive: false });
