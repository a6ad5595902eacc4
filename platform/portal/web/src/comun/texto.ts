export const sinTildes = (texto: string) =>
  texto
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();

export const mayuscula = (texto: string) => texto.charAt(0).toUpperCase() + texto.slice(1);
