import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const verde: MantineColorsTuple = ['#e9f7f1', '#d3ebe1', '#a5d7c3', '#74c1a3', '#4dae88', '#34a277', '#239a6d', '#12865c', '#0b7a55', '#00603f'];

export const tema = createTheme({
  primaryColor: 'verde',
  colors: { verde },
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // By name and not with `extend`: the sign-in must not load what only dialogs need.
  components: {
    Badge: { styles: { root: { textTransform: 'none', fontWeight: 600, letterSpacing: 0 } } },
    Drawer: { styles: { title: { fontWeight: 650, fontSize: 17 } }, defaultProps: { overlayProps: { backgroundOpacity: 0.25 }, transitionProps: { duration: 120 } } },
    Modal: { styles: { title: { fontWeight: 650, fontSize: 17 } }, defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 120 } } },
  },
});

/** Mantine's greys and reds fail WCAG AA on its own backgrounds; and the colours that are ours alone. */
export const variables: CSSVariablesResolver = () => ({
  variables: { '--h-nav': '224px', '--h-header': '52px' },
  light: {
    '--mantine-color-dimmed': '#566069',
    '--mantine-color-placeholder': '#6a737c',
    '--mantine-color-error': '#c22e2e',
    '--mantine-color-text': '#16211d',
    '--h-fondo': '#f5f7f6',
    '--h-panel': '#ffffff',
    '--h-borde': '#dfe5e2',
    '--h-borde-suave': '#ebefed',
    '--h-acento': '#0b7a55',
    '--h-acento-suave': '#e6f4ee',
    '--h-acento-texto': '#075c40',
    '--h-cerrado': '#edf0ef',
    '--h-aviso-fondo': '#17211d',
    '--h-aviso-texto': '#ffffff',
  },
  dark: {
    '--mantine-color-body': '#151a18',
    '--mantine-color-dimmed': '#a5afaa',
    '--mantine-color-placeholder': '#98a29d',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-text': '#e4eae7',
    '--h-fondo': '#101412',
    '--h-panel': '#181e1b',
    '--h-borde': '#323a36',
    '--h-borde-suave': '#262d2a',
    '--h-acento': '#4dbf92',
    '--h-acento-suave': '#17342a',
    '--h-acento-texto': '#8edcbb',
    '--h-cerrado': '#1e2522',
    '--h-aviso-fondo': '#e4eae7',
    '--h-aviso-texto': '#101412',
  },
});
