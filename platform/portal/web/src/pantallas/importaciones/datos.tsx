import { IconAlertCircle, IconArrowBackUp, IconCheck, IconFile, IconLoader, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { renovar, type Esquemas } from '@/api/cliente';
import { Pastilla, type Tono } from '@/comun/Pastilla';

export type Importacion = Esquemas['Importacion'];
export type Tipo = Esquemas['Tipo'];
export type CamposDeTipo = Esquemas['CamposDeTipo'];
export const TIPOS: Tipo[] = ['tutores', 'mascotas', 'pesos', 'vacunas', 'visitas', 'citas'];
export const CORRE = new Set<Importacion['estado']>(['probando', 'importando', 'deshaciendo']);
export const renovarImportaciones = () => renovar('/api/v1/importaciones', '/api/v1/importaciones/{id}', '/api/v1/importaciones/{id}/errores');

const TONO: Record<Importacion['estado'], [Tono, Icon]> = {
  lista: ['gris', IconFile],
  probando: ['nota', IconLoader],
  probada: ['nota', IconCheck],
  importando: ['nota', IconLoader],
  importada: ['bien', IconCheck],
  deshaciendo: ['nota', IconLoader],
  deshecha: ['gris', IconArrowBackUp],
  fallida: ['grave', IconAlertCircle],
};
export function Estado({ estado }: { estado: Importacion['estado'] }) {
  const { t } = useTranslation('importaciones');
  return (
    <Pastilla tono={TONO[estado][0]} icono={TONO[estado][1]}>
      {t(`estado.${estado}`)}
    </Pastilla>
  );
}
