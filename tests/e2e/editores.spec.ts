/** Plugins as they are published: uploaded, examined, signed, refused, upgraded and taken back, withdrawn. */
import type { APIRequestContext, Browser, Page } from '@playwright/test';
import { CLAVE, URL_API } from './ajustes';
import { accesible, expect, test, vigilar } from './base';
import { aviso, COSTA, de, entrar, PLATAFORMA, programa } from './complementos';
import { compilado, empaquetar, unaLlave, VACIO, type Llave } from './paquete';

// A click that finds nothing says so at once, and not when the whole test is out of time.
test.use({ actionTimeout: 12_000 });

/** A publisher of the test's own in the second chain. */
async function unEditor(request: APIRequestContext): Promise<{ clave: string; id: string; llave: Llave }> {
  const api = await programa(request, COSTA);
  const letras = String.fromCharCode(...Array.from({ length: 8 }, () => 97 + Math.floor(Math.random() * 26)));
  const [clave, llave] = [`prueba-${letras}`, unaLlave()];
  expect((await api('POST', '/complementos/editores', { clave, nombre: `Taller ${letras}`, contacto: 'taller@costa.example.pe' })).status).toBe(201);
  expect((await api('POST', `/complementos/editores/${clave}/claves`, { clave: llave.publica, nota: 'de la prueba' })).status).toBe(201);
  return { clave, id: `pe.prueba.${letras}`, llave };
}

const NOMBRE = 'Avisos de prueba';
const HTTP = { host: 'api.nexmo.com', methods: ['POST'], paths: ['/v1/messages'], reason: { es: 'Enviar mensajes de texto' } };
const MANIFIESTO = { name: { es: NOMBRE }, license: 'MIT' };

async function subir(page: Page, archivo: Buffer) {
  await page.getByRole('button', { name: 'Subir versión' }).click();
  const dialogo = page.getByRole('dialog', { name: 'Subir una versión' });
  const elige = page.waitForEvent('filechooser');
  await dialogo.getByLabel(/^Complemento firmado/).click();
  await (await elige).setFiles({ name: 'complemento.wasm', mimeType: 'application/wasm', buffer: archivo });
  await dialogo.getByRole('button', { name: 'Subir versión' }).click();
  return dialogo;
}

test('un editor sube y lee por qué no pasa; la plataforma firma; la cadena instala, actualiza, vuelve y ve que se retiró', async ({ page, request, browser }) => {
  test.setTimeout(180_000);
  const sms = compilado('sms');
  test.skip(!sms, 'sin complementos compilados (cargo xtask plugins)');
  if (!sms) return;
  const { clave, id, llave } = await unEditor(request);
  const version = (numero: string, http: unknown[] = [HTTP]) => empaquetar(sms, { ...MANIFIESTO, id, version: numero, publisher: clave, http }, llave);

  // Somebody else's key; a component that is empty; then one that is right.
  await entrar(page, COSTA, '/complementos/taller');
  const rechazo = await subir(page, empaquetar(sms, { ...MANIFIESTO, id, version: '1.0.0', publisher: clave }, unaLlave()));
  await expect(rechazo.getByRole('alert')).toContainText('firma');
  await accesible(page, 'subir con error');
  await rechazo.getByRole('button', { name: 'Cancelar' }).click();
  await subir(page, empaquetar(VACIO, { manifest: 1, ...MANIFIESTO, id, version: '0.9.0', publisher: clave, world: 'huella:plugin/notification@0.1.0' }, llave));
  const examen = page.getByRole('region', { name: 'Examen automático' });
  await expect(examen.getByText('/exports').first()).toBeVisible();
  await expect(page.getByText('Rechazada', { exact: true })).toBeVisible();
  await page.goto(de('costa', '/complementos/taller'));
  await subir(page, version('1.0.0'));
  await expect(page.getByText('En revisión', { exact: true })).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole('button', { name: 'Aprobar y firmar' })).toHaveCount(0);
  await accesible(page, 'una versión');

  const mesa = await operador(browser);
  await firmar(mesa.page, NOMBRE, '1.0.0', id);

  // Installed by the chain, on one permission; the next version asks for another one.
  await page.goto(de('costa', `/complementos/${id}/resumen`));
  await page.getByRole('button', { name: 'Instalar' }).click();
  await page.getByLabel(/^Leí las 3 cosas/).check();
  await page.getByRole('button', { name: 'Consentir e instalar' }).click();
  await expect(page).toHaveURL(/configuracion$/);
  const api = await programa(request, COSTA);
  const puesta = await api('PUT', `/complementos/${id}/configuracion`, { config: { clave: 'a1b2c3d4', remitente: 'Costa' }, secretos: { secreto: 'x' } }, { 'If-Match': '"1"' });
  expect(puesta.status).toBe(200);
  const otra = await request.post(`${URL_API}/api/v1/complementos/versiones`, { headers: { ...(await porPrograma(request)), 'content-type': 'application/wasm' }, data: version('1.1.0', [HTTP, { host: 'rest.nexmo.com', methods: ['GET'], reason: { es: 'Consultar el saldo' } }]) });
  expect(otra.status()).toBe(202);
  await firmar(mesa.page, NOMBRE, '1.1.0', id);
  await page.goto(de('costa', `/complementos/${id}/resumen`));
  await page.getByRole('button', { name: 'Ver qué cambia' }).click();
  const cambio = page.getByRole('dialog', { name: `Actualizar ${NOMBRE}` });
  await expect(cambio.getByText('Conectarse con rest.nexmo.com')).toBeVisible();
  await expect(cambio.getByText('Para qué: Consultar el saldo')).toBeVisible();
  await expect(cambio.getByText('Conectarse con api.nexmo.com'), 'lo ya consentido no se pregunta otra vez').toHaveCount(0);
  await accesible(page, 'actualizar');
  await cambio.getByRole('button', { name: 'Consentir y actualizar' }).click();
  await expect(page.getByText(`de ${clave} · versión 1.1.0`)).toBeVisible();
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Volver a la versión 1.0.0' }).click();
  await expect(page.getByText(`de ${clave} · versión 1.0.0`)).toBeVisible();

  // The kill switch, with its reason, and back.
  const mesaPagina = mesa.page;
  await mesaPagina.goto(de('plataforma', `/complementos/revision?estado=aprobada&complemento=${id}`));
  await mesaPagina.getByRole('link', { name: `${NOMBRE} 1.0.0` }).click();
  await mesaPagina.getByRole('button', { name: 'Retirar de todas las cadenas' }).click();
  await mesaPagina.getByRole('dialog').getByRole('button', { name: 'Retirar de todas las cadenas' }).click();
  await expect(mesaPagina.getByText('Escriba el motivo.')).toBeVisible();
  await mesaPagina.getByLabel('Motivo').fill('Manda de más');
  await accesible(mesaPagina, 'retirar');
  await mesaPagina.getByRole('dialog').getByRole('button', { name: 'Retirar de todas las cadenas' }).click();
  await expect(mesaPagina.getByText('Manda de más')).toBeVisible();
  await page.reload();
  await expect(page.getByText('La plataforma retiró esta versión')).toBeVisible();
  await mesaPagina.getByRole('button', { name: 'Restaurar' }).click();
  await expect(mesaPagina.getByText('Firmada', { exact: true })).toBeVisible();
  expect(mesa.quejas(), 'la página del operador no se queja').toEqual([]);
  await mesaPagina.context().close();
  expect((await api('DELETE', `/complementos/${id}`)).status).toBe(204);
  // Nobody else's catalogue keeps what this test made up.
  const plataforma = await programa(request, PLATAFORMA);
  const { dice } = await plataforma<{ items: { digest: string }[] }>('GET', `/complementos/versiones?estado=aprobada&complemento=${id}`);
  expect(dice.items).toHaveLength(2);
  for (const { digest } of dice.items) expect((await plataforma('POST', `/complementos/versiones/${digest}/retirar`, { motivo: 'Era una prueba' })).status).toBe(200);
});

const porPrograma = async (request: APIRequestContext) => {
  const sesion = await request.post(`${URL_API}/api/v1/sesiones`, { data: { ...{ cadena: COSTA.cadena, correo: COSTA.correo }, contrasena: CLAVE } });
  return { Authorization: `Bearer ${((await sesion.json()) as { token: string }).token}` };
};

/** Whoever runs the platform, at the same time and in another browser. */
async function operador(browser: Browser) {
  const contexto = await browser.newContext({ locale: 'es-PE', timezoneId: 'America/Lima', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await contexto.newPage();
  const quejas = vigilar(page);
  await entrar(page, PLATAFORMA, '/complementos/revision');
  return { page, quejas };
}

async function firmar(page: Page, nombre: string, version: string, id: string) {
  await expect(async () => {
    await page.goto(de('plataforma', `/complementos/revision?estado=en_revision&complemento=${id}`));
    await page.getByRole('link', { name: `${nombre} ${version}` }).click({ timeout: 3_000 });
  }).toPass({ timeout: 40_000 });
  await expect(page.getByText('Pasó: se compiló y respondió como su contrato dice')).toBeVisible();
  await accesible(page, 'revisar una versión');
  await page.getByRole('button', { name: 'Aprobar y firmar' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Firmar' }).click();
  await expect(page.getByText('Firmada', { exact: true })).toBeVisible();
}

/** A version of the editor's that passed its examination, uploaded by a program. */
async function enRevision(request: APIRequestContext, componente: Buffer): Promise<string> {
  const subida = await request.post(`${URL_API}/api/v1/complementos/versiones`, { headers: { ...(await porPrograma(request)), 'content-type': 'application/wasm' }, data: componente });
  expect(subida.status(), await subida.text()).toBe(202);
  const { digest } = (await subida.json()) as { digest: string };
  const api = await programa(request, COSTA);
  await expect.poll(async () => (await api<{ estado: string }>('GET', `/complementos/versiones/${digest}`)).dice.estado, { timeout: 40_000 }).toBe('en_revision');
  return digest;
}

test.describe('con complementos compilados', () => {
  // Before there is a page: a test that ends while its page is still made ready fails instead.
  test.skip(!compilado('sms'), 'sin complementos compilados (cargo xtask plugins)');

  test('la plataforma rechaza una versión con un motivo, y revoca la clave que la firmó: nada más entra con ella', async ({ page, request }) => {
    const sms = compilado('sms') as Buffer;
    const { clave, id, llave } = await unEditor(request);
    const version = (numero: string) => empaquetar(sms, { ...MANIFIESTO, id, version: numero, publisher: clave }, llave);
    const digest = await enRevision(request, version('1.0.0'));
    await entrar(page, PLATAFORMA, `/complementos/revision?estado=en_revision&complemento=${id}`);
    await page.getByRole('link', { name: `${NOMBRE} 1.0.0` }).click();
    await page.getByRole('button', { name: 'Rechazar' }).click();
    const dialogo = page.getByRole('dialog');
    await dialogo.getByRole('button', { name: 'Rechazar' }).click();
    await expect(dialogo.getByText('Escriba el motivo.')).toBeVisible();
    await dialogo.getByLabel('Motivo').fill('Pide más de lo que usa');
    await accesible(page, 'rechazar una versión');
    await dialogo.getByRole('button', { name: 'Rechazar' }).click();
    await expect(page.getByText('Por qué se rechazó')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Aprobar y firmar' })).toHaveCount(0);

    await page.goto(de('plataforma', `/complementos/editores/${clave}`));
    await page.getByRole('button', { name: 'Revocar', exact: true }).click();
    await dialogo.getByLabel('Motivo').fill('Se publicó en un foro');
    await accesible(page, 'revocar una clave');
    await dialogo.getByRole('button', { name: 'Revocar', exact: true }).click();
    await expect(page.getByText('Revocada', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Revocar', exact: true })).toHaveCount(0);

    // Its publisher reads both, and what the key signs is refused from now on.
    const api = await programa(request, COSTA);
    expect((await api('GET', `/complementos/versiones/${digest}`)).dice).toMatchObject({ estado: 'rechazada', motivo: 'Pide más de lo que usa' });
    await entrar(page, COSTA, `/complementos/editores/${clave}`);
    await expect(page.getByText(/Se publicó en un foro/)).toBeVisible();
    await page.goto(de('costa', '/complementos/taller'));
    const rechazo = await subir(page, version('1.0.1'));
    await expect(rechazo.getByRole('alert')).toContainText('firma');
  });

  /** A version that the platform signed and the second chain installed. What it leaves behind goes with `quitar`. */
  async function instalada(request: APIRequestContext, id: string, componente: Buffer) {
    const digest = await enRevision(request, componente);
    const [api, plataforma] = [await programa(request, COSTA), await programa(request, PLATAFORMA)];
    expect((await plataforma('POST', `/complementos/versiones/${digest}/aprobar`)).status).toBe(200);
    const { dice } = await api<{ version: string; permisos: { clave: string }[] }>('GET', `/complementos/${id}`);
    const puesta = await api('POST', `/complementos/${id}/instalar`, { version: dice.version, digest, consiente: dice.permisos.map((uno) => uno.clave) });
    expect(puesta.status, JSON.stringify(puesta.dice)).toBe(201);
    const quitar = async () => {
      await api('DELETE', `/complementos/${id}`);
      await plataforma('POST', `/complementos/versiones/${digest}/retirar`, { motivo: 'Era una prueba' });
    };
    return { api, quitar };
  }

  /** The smallest file of that form (PKCS#12: a version and nothing in it). The server keeps what it is given and opens it for whoever signs. */
  const PFX = Buffer.from('3016020103301106092a864886f70d010701a00404023000', 'hex');

  test('un certificado se sube como archivo, con su contraseña; lo que no lo es se dice en su campo, y no se vuelve a mostrar', async ({ page, request }) => {
    const sms = compilado('sms') as Buffer;
    const { clave, id, llave } = await unEditor(request);
    const componente = empaquetar(sms, { ...MANIFIESTO, id, version: '1.0.0', publisher: clave }, llave, { properties: { certificado: { title: 'Certificado digital', 'x-key-slot': 'rsa' } } });
    const { api, quitar } = await instalada(request, id, componente);
    try {
      await entrar(page, COSTA, `/complementos/${id}/configuracion`);
      const elegir = async (name: string, buffer: Buffer) => {
        const elige = page.waitForEvent('filechooser');
        await page.getByLabel('Certificado digital').click();
        await (await elige).setFiles({ name, mimeType: 'application/x-pkcs12', buffer });
      };
      await page.getByRole('textbox', { name: 'Clave de la API' }).fill('a1b2c3d4');
      await page.getByRole('textbox', { name: /^Quién envía/ }).fill('Costa');
      await elegir('foto.pfx', Buffer.from('GIF89a no es un certificado'));
      await page.getByLabel('Contraseña del archivo', { exact: true }).fill('clave-del-archivo');
      await page.getByRole('button', { name: 'Guardar', exact: true }).click();
      await expect(page.locator('.mantine-InputWrapper-root').filter({ has: page.getByLabel('Certificado digital') }).getByText('debe ser un archivo PFX o PEM'), 'junto a su campo').toBeVisible();
      await accesible(page, 'certificado rechazado');
      await elegir('sunat.pfx', PFX);
      await page.getByRole('button', { name: 'Guardar', exact: true }).click();
      await expect(aviso(page, 'Configuración guardada')).toBeVisible();
      await expect(page.getByText(/^Guardado el /)).toHaveCount(1);
      expect(await page.content(), 'la contraseña no vuelve a la página').not.toContain('clave-del-archivo');
      const { dice } = await api<{ claves: { nombre: string; desde?: string }[] }>('GET', `/complementos/${id}/configuracion`);
      expect(dice.claves.find((una) => una.nombre === 'certificado')?.desde).toBeTruthy();
      await page.getByRole('button', { name: 'Borrar Certificado digital' }).click();
      await page.getByRole('button', { name: 'Guardar', exact: true }).click();
      await expect(page.getByText(/^Guardado el /)).toHaveCount(0);
      await expect.poll(async () => (await api<{ claves: { nombre: string; desde?: string }[] }>('GET', `/complementos/${id}/configuracion`)).dice.claves.find((una) => una.nombre === 'certificado')?.desde ?? null).toBeNull();
    } finally {
      await quitar();
    }
  });

  // It starts with 1152 KiB; the configuration below does not fit into what is left.
  const MEMORIA = '1408KiB';
  const LARGA = 400_000;

  test('lo que se cae tres veces queda en cuarentena; la cadena mira qué falló y lo pone a trabajar otra vez', async ({ page, request }) => {
    const sms = compilado('sms') as Buffer;
    const { clave, id, llave } = await unEditor(request);
    // So little memory that it starts, and falls over a long enough configuration.
    const componente = empaquetar(sms, { ...MANIFIESTO, id, version: '1.0.0', publisher: clave, limits: { memory: MEMORIA } }, llave, { properties: { nota: { title: 'Nota', type: 'string' } } });
    const { api, quitar } = await instalada(request, id, componente);
    try {
      const puesta = await api('PUT', `/complementos/${id}/configuracion`, { config: { clave: 'a1b2c3d4', remitente: 'Costa', nota: 'x'.repeat(LARGA) }, secretos: { secreto: 'x' } }, { 'If-Match': '"1"' });
      expect(puesta.status, JSON.stringify(puesta.dice)).toBe(200);
      await entrar(page, COSTA, `/complementos/${id}/configuracion`);
      const cuarentena = page.getByText('Se detuvo por errores repetidos');
      for (let vez = 1; vez <= 3; vez += 1) {
        await expect(cuarentena).toHaveCount(0);
        await page.getByRole('button', { name: 'Probar conexión' }).click();
        await expect(page.getByText('No funciona todavía')).toBeVisible();
      }
      await expect(cuarentena.first()).toBeVisible();
      await expect(page.getByText('En cuarentena', { exact: true })).toBeVisible();
      await accesible(page, 'en cuarentena');
      await page.getByRole('link', { name: 'Ver qué falló' }).click();
      await expect(page).toHaveURL(/corridas$/);
      await page.getByRole('button', { name: /Probar conexión/ }).first().click();
      await expect(page.getByRole('dialog').getByText('Por esta corrida quedó en cuarentena.')).toBeVisible();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Ponerlo a trabajar' }).click();
      await expect(aviso(page, 'trabaja otra vez')).toBeVisible();
      await expect(cuarentena).toHaveCount(0);
      expect((await api<{ instalacion: { cuarentena_desde?: string } }>('GET', `/complementos/${id}`)).dice.instalacion.cuarentena_desde ?? null).toBeNull();
    } finally {
      await quitar();
    }
  });
});

test('la plataforma suspende a un editor con un motivo, y lo devuelve', async ({ page, request }) => {
  const { clave } = await unEditor(request);
  await entrar(page, PLATAFORMA, `/complementos/editores/${clave}`);
  for (const [boton, queda] of [
    ['Suspender', 'Suspendido'],
    ['Levantar la suspensión', 'Activo'],
  ] as const) {
    await page.getByRole('button', { name: boton }).click();
    await page.getByRole('dialog').getByLabel('Motivo').fill('Por una denuncia');
    await page.getByRole('dialog').getByRole('button', { name: boton }).click();
    await expect(page.getByText(queda, { exact: true })).toBeVisible();
  }
});
