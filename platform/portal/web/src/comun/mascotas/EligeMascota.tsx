import { Anchor } from '@mantine/core';
import { IconPaw } from '@tabler/icons-react';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import { BuscaMascota, type Mascota } from './BuscaMascota';

/** The pet that a form is about: the chosen one, or the search for it. `vuelve`: what the registration has to bring back here. */
export function EligeMascota({ mascota, alElegir, textos, vuelve }: { mascota: Mascota | undefined; alElegir: (mascota: Mascota | undefined) => void; textos: { cambiar: string; registrar: string }; vuelve?: Record<string, string> }) {
  const puede = usePuede();
  if (mascota)
    return (
      <div className="elegida">
        <IconPaw size={20} aria-hidden />
        <div>
          <b>{mascota.nombre}</b>
          <span>{mascota.detalle}</span>
        </div>
        <Anchor component="button" type="button" size="sm" onClick={() => alElegir(undefined)}>
          {textos.cambiar}
        </Anchor>
      </div>
    );
  return (
    <>
      <BuscaMascota alElegir={alElegir} />
      {puede('paciente.registrar') && (
        <Anchor component={Enlace} a="/pacientes/nuevo" con={vuelve} size="sm">
          {textos.registrar}
        </Anchor>
      )}
    </>
  );
}
