/** A workbook of one sheet as a program writes it: real bytes, without a library. */
import { crc32, deflateRawSync } from 'node:zlib';

const escapar = (texto: string) => texto.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const celda = (valor: string, fila: number, columna: number) => `<c r="${String.fromCharCode(65 + columna)}${fila + 1}" t="inlineStr"><is><t>${escapar(valor)}</t></is></c>`;

export function xlsx(filas: string[][]): Buffer {
  const hoja = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${filas.map((fila, f) => `<row r="${f + 1}">${fila.map((valor, c) => celda(valor, f, c)).join('')}</row>`).join('')}</sheetData></worksheet>`;
  return zip({
    '[Content_Types].xml': '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    '_rels/.rels': '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    'xl/workbook.xml': '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Hoja1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': hoja,
  });
}

function zip(archivos: Record<string, string>): Buffer {
  const partes: Buffer[] = [];
  const directorio: Buffer[] = [];
  let lugar = 0;
  for (const [nombre, texto] of Object.entries(archivos)) {
    const crudo = Buffer.from(texto);
    const apretado = deflateRawSync(crudo);
    const comun = Buffer.alloc(26);
    comun.writeUInt16LE(20, 0);
    comun.writeUInt16LE(8, 4);
    comun.writeUInt32LE(crc32(crudo), 10);
    comun.writeUInt32LE(apretado.length, 14);
    comun.writeUInt32LE(crudo.length, 18);
    comun.writeUInt16LE(nombre.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), comun, Buffer.from(nombre), apretado]);
    const fin = Buffer.alloc(14);
    fin.writeUInt32LE(lugar, 10);
    directorio.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), comun, fin, Buffer.from(nombre)]));
    partes.push(local);
    lugar += local.length;
  }
  const tabla = Buffer.concat(directorio);
  const cola = Buffer.alloc(22);
  cola.write('PK\x05\x06', 'latin1');
  cola.writeUInt16LE(directorio.length, 8);
  cola.writeUInt16LE(directorio.length, 10);
  cola.writeUInt32LE(tabla.length, 12);
  cola.writeUInt32LE(lugar, 16);
  return Buffer.concat([...partes, tabla, cola]);
}
