import { componentize } from '@bytecodealliance/componentize-js';
import { writeFile } from 'node:fs/promises';

// Sin nada de WASI: el anfitrión no lo tiene.
const disableFeatures = ['stdio', 'random', 'clocks', 'http', 'fetch-event'];
const { component } = await componentize({ sourcePath: 'app.js', witPath: '../../wit', worldName: 'notification', disableFeatures });
await writeFile('componente.wasm', component);
