import { html, toast } from './dom.js';

/*
 * Forms and their fields. A field has a `name`, and its value the type that the control routes take:
 * numbers times their `data-scale`, JSON where `data-json` is set, a list of the checked boxes that
 * share a name and have a value, true or false for a box without a value.
 */

const isListed = (field) => field.type === 'checkbox' && field.hasAttribute('value');
const namedFields = (form) => [...form.elements].filter(({ name }) => name);

/** The values of a form's fields by their names. */
function readForm(form) {
	const values = {};
	for (const field of namedFields(form)) {
		const { name, value, type, checked, dataset } = field;
		if (isListed(field)) values[name] = [...(values[name] ?? []), ...(checked ? [value] : [])];
		else if (type === 'checkbox') values[name] = checked;
		else if (type === 'number') values[name] = Number(value) * Number(dataset.scale);
		else values[name] = dataset.json === 'true' ? JSON.parse(value) : value;
	}
	return values;
}

/** Opens the dialog of that name within `root`, its fields filled with `values`. */
export function openDialog(root, name, values) {
	const dialog = root.querySelector(`dialog[data-name=${name}]`);
	for (const field of namedFields(dialog.querySelector('form'))) {
		const value = values[field.name];
		if (isListed(field)) field.checked = value.includes(field.value);
		else if (field.type === 'checkbox') field.checked = value;
		else if (field.type === 'number') field.value = value / Number(field.dataset.scale);
		else field.value = value ?? '';
	}
	dialog.showModal();
}

/** A submit listener that calls `act` with the values of the form. */
export function onSubmit(act) {
	return (event) => {
		event.preventDefault();
		return act(readForm(event.target), event.target);
	};
}

/** A form over the page. It closes when `save(values)` resolves to something, that is, was taken. */
export function formDialog(name, { title, action, save }, ...parts) {
	const close = ({ target }) => target.closest('dialog').close();
	const submit = onSubmit(async (values, target) => {
		if (await save(values)) close({ target });
	});
	return html`<dialog data-name=${name} aria-label=${title}>
		<form class="fields" @submit=${submit}>
			<h2>${title}</h2>
			${parts}
			<div class="row buttons">
				<button type="button" @click=${close}>Cancel</button>
				<button type="submit" class="primary">${action}</button>
			</div>
		</form>
	</dialog>`;
}

/** A part of a dialog that sends any event (`noun`). The dialog closes when it was taken. */
export function otherEvent(control, path, noun, label, example) {
	const send = async ({ target }) => {
		const details = target.closest('details');
		let event;
		try {
			event = JSON.parse(details.querySelector('textarea').value);
		} catch {
			return toast(`The ${noun} is not JSON`);
		}
		if (await control('POST', path, event)) details.closest('dialog').close();
	};
	return html`<details>
		<summary>Send ${noun === 'event' ? 'an' : 'a'} ${noun} that is not in the document</summary>
		<textarea rows="2" spellcheck="false" aria-label=${label} .value=${example}></textarea>
		<button type="button" @click=${send}>Send ${noun}</button>
	</details>`;
}
