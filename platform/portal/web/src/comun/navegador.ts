/** What a browser says of itself, in words: «Chrome», «Windows». What it says cannot be believed, only told. */
const PROGRAMAS: [RegExp, string][] = [
  // Each says also that it is the ones below it.
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];
const SISTEMAS: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\b(Macintosh|Mac OS X)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];
const cual = (de: [RegExp, string][], agente: string) => de.find(([como]) => como.test(agente))?.[1];

export type Equipo = { programa?: string | undefined; sistema?: string | undefined; movil: boolean };

/** A program that is no browser (`curl/8.5.0`) goes by the first word of what it says. */
export function equipoDe(agente: string): Equipo {
  const programa = cual(PROGRAMAS, agente) ?? (/^Mozilla\//.test(agente) ? undefined : agente.trim().split(/[/ ]/)[0] || undefined);
  return { programa, sistema: cual(SISTEMAS, agente), movil: /\b(Android|iPhone|iPod)\b/.test(agente) };
}
