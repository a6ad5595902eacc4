/** The drawer in which things are written about a pet; which one is open is in the address. */
import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ComponentType } from 'react';
import type { Mascota } from '../datos';
import { useAbierto } from './abrir';
import { AgregarTutor } from './AgregarTutor';
import { AnotarAlergia, AnotarProblema, AnotarTratamiento } from './Clinicos';
import { AnotarDesparasitacion } from './Desparasitacion';
import { EditarFicha } from './Editar';
import { Fallecimiento } from './Fallecimiento';
import { Fusionar } from './Fusionar';
import { AgregarIdentificador } from './Identificador';
import { AnotarPeso } from './Peso';
import { Transferir } from './Transferir';
import { AnotarVacuna } from './Vacuna';

export type DeCajon = { mascota: Mascota; listo: () => void };

const FORMAS: Record<string, ComponentType<DeCajon>> = {
  peso: AnotarPeso,
  vacuna: AnotarVacuna,
  desparasitacion: AnotarDesparasitacion,
  problema: AnotarProblema,
  alergia: AnotarAlergia,
  tratamiento: AnotarTratamiento,
  editar: EditarFicha,
  fusion: Fusionar,
  fallecimiento: Fallecimiento,
  identificador: AgregarIdentificador,
  transferencia: Transferir,
  agregar_tutor: AgregarTutor,
};

export function Cajon({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const [{ abrir }, cambiar] = useAbierto();
  const Forma = FORMAS[abrir];
  const cerrar = () => cambiar({ abrir: '', producto: '' });
  return (
    <Drawer opened={Forma !== undefined} onClose={cerrar} position="right" size="md" title={Forma && <b>{t(`cajon.${abrir}`, { nombre: mascota.nombre })}</b>} closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      {Forma && <Forma mascota={mascota} listo={cerrar} />}
    </Drawer>
  );
}
