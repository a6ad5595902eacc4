import './app/estilosMantine';
import './app/fuente.css';
import './app/estilos.css';
import './app/colores.css';
import './app/i18n';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { consultas, type Yo } from './api/cliente';
import { guardarCopia } from './app/copia';
import { abrirDespensa } from './app/despensa';
import { trayendo } from './app/despues';
import { visible } from './app/pantalla';
import { adelantar, router } from './app/router';
import { elegir, opcionesDeYo } from './app/sesion';
import { tema, variables } from './app/tema';
import { PANTALLAS } from './pantallas';

const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
// Drawers and modals put a <style> into the page (react-remove-scroll): it needs the nonce as Mantine's does.
setNonce(nonce);

// After a deploy the parts of the old version are gone: load the page again, once.
window.addEventListener('vite:preloadError', (evento) => {
  // Without a network the parts are not gone, and a page that is loaded anew would be.
  if (!navigator.onLine || trayendo()) return;
  const CLAVE = 'huella.recarga';
  if (Date.now() - Number(sessionStorage.getItem(CLAVE) ?? 0) < 30_000) return;
  evento.preventDefault();
  sessionStorage.setItem(CLAVE, String(Date.now()));
  location.reload();
});

// Who it is decides what is read next: it is asked while the shell and the screen still load, and so is what the screen shows first.
const primera = PANTALLAS.find((una) => una.ruta === location.pathname);
if (primera) adelantar(primera);
if (!primera?.publica)
  void consultas.fetchQuery(opcionesDeYo()).then(
    (dicho) => {
      const yo: Yo = dicho;
      const sede = elegir(yo);
      const puede = (permiso: string) => yo.cadena.permisos.includes(permiso) || sede?.permisos.includes(permiso) === true;
      if (primera?.adelanta && sede && !yo.bloqueada && visible(primera, puede, yo.cadena.plataforma)) primera.adelanta(sede, new URLSearchParams(location.search));
    },
    () => undefined,
  );
guardarCopia(consultas);
abrirDespensa();

const raiz = document.getElementById('root');
if (raiz)
  createRoot(raiz).render(
    <StrictMode>
      <MantineProvider theme={tema} getStyleNonce={() => nonce} cssVariablesResolver={variables} defaultColorScheme="auto">
        <QueryClientProvider client={consultas}>
          <Suspense fallback={null}>
            <RouterProvider router={router} />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
