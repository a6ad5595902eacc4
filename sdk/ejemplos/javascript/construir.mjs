import { componentize } from '@bytecodealliance/componentize-js';
import { writeFile } from 'node:fs/promises';

// El anfitrión no tiene wasi:http; la red es la del contrato.
const disableFeatures = ['http', 'fetch-event'];
const { component } = await componentize({ sourcePath: 'app.js', witPath: '../../wit', worldName: 'notification', disableFeatures });
await writeFile('componente.wasm', component);
