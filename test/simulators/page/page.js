import { render } from './lit-html/lit-html.js';
import { html, toast } from './dom.js';
import { runPanel } from './panel.js';

const main = document.querySelector('main');
const tablist = document.querySelector('.tabs');
const linkState = document.querySelector('.link-state');
const words = { live: 'Live', lost: 'Connection lost, trying again…' };

/** Shown at the top: whether what the page shows is what is. */
function showLinkState(state) {
	linkState.dataset.state = state;
	linkState.textContent = words[state];
}

async function start() {
	const panels = await (await fetch('/panels')).json();

	/** Shows the panel of a provider, and draws it when it is shown for the first time. */
	async function select(chosen) {
		history.replaceState(null, '', `#${chosen.id}`);
		const tab = (panel) => html`<button type="button" role="tab" id="tab-${panel.id}"
			aria-controls="panel-${panel.id}" aria-selected=${panel === chosen}
			tabindex=${panel === chosen ? 0 : -1} @click=${() => select(panel)}>${panel.title}</button>`;
		render(panels.map(tab), tablist);
		for (const section of main.children) section.hidden = section.id !== `panel-${chosen.id}`;
		if (document.getElementById(`panel-${chosen.id}`)) return;
		const root = document.createElement('section');
		root.id = `panel-${chosen.id}`;
		root.className = chosen.id;
		root.role = 'tabpanel';
		root.setAttribute('aria-labelledby', `tab-${chosen.id}`);
		main.append(root);
		const { default: define } = await import(`./${chosen.module}`);
		await runPanel(root, `/control/${chosen.id}`, define, showLinkState);
	}

	tablist.addEventListener('keydown', (event) => {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		const tabs = [...tablist.children];
		const next = tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length);
		next.focus();
		next.click();
	});
	await select(panels.find(({ id }) => `#${id}` === location.hash) ?? panels[0]);
}

start().catch(() => {
	showLinkState('lost');
	toast('The page could not be loaded. Is the simulator still running?');
});
