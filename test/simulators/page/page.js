import { h, toast } from './dom.js';

const tablist = document.querySelector('.tabs');
const main = document.querySelector('main');
const linkState = document.querySelector('.link-state');
const words = { live: 'Live', connecting: 'Connecting…', lost: 'Connection lost, trying again…' };

/** Shown at the top: whether what the page shows is what is. */
function showLinkState(state) {
	linkState.dataset.state = state;
	linkState.textContent = words[state];
}

async function start() {
	const panels = await (await fetch('/panels')).json();
	const drawn = new Map();

	const select = async (panel) => {
		history.replaceState(null, '', `#${panel.id}`);
		for (const tab of tablist.children) {
			const selected = tab.id === `tab-${panel.id}`;
			tab.setAttribute('aria-selected', selected);
			tab.tabIndex = selected ? 0 : -1;
		}
		for (const section of main.children) section.hidden = section.id !== `panel-${panel.id}`;
		if (drawn.has(panel.id)) return;
		const root = h('section', {
			id: `panel-${panel.id}`,
			role: 'tabpanel',
			'aria-labelledby': `tab-${panel.id}`,
		});
		drawn.set(panel.id, root);
		main.append(root);
		const { mount } = await import(`./${panel.module}`);
		await mount(root, `/control/${panel.id}`, showLinkState);
	};

	for (const panel of panels) {
		tablist.append(
			h(
				'button',
				{
					type: 'button',
					role: 'tab',
					id: `tab-${panel.id}`,
					'aria-controls': `panel-${panel.id}`,
					onclick: () => select(panel),
				},
				panel.title,
			),
		);
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
