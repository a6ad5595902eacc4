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
import { consultas } from './api/cliente';
import { guardarCopia } from './app/copia';
import { abrirDespensa } from './app/despensa';
import { trayendo } from './app/despues';
import { router } from './app/router';
import { opcionesDeYo } from './app/sesion';
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

// Who it is decides what is read next: it is asked while the shell and the screen still load.
if (!PANTALLAS.some((una) => una.publica && una.ruta === location.pathname)) void consultas.prefetchQuery(opcionesDeYo());
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
