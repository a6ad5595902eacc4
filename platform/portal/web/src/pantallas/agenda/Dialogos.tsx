/** What lies over the agenda: one at a time, most of them by what the address says. */
import { useState } from 'react';
import { usePuede, type YoSede } from '@/app/sesion';
import { deZona, minutosEntre } from '@/comun/tiempo';
import { Alargar } from './Alargar';
import type { useActos } from './actos';
import { BUSCADO, type Buscado } from './buscado';
import { BuscaHueco } from './BuscaHueco';
import { CitaCajon } from './cajon/CitaCajon';
import { Conflicto } from './Conflicto';
import { NuevaEspera, type ParaEsperar } from './lado/NuevaEspera';
import { deHueco, HUECO, type EnDireccion, type Hueco } from '@/comun/citas/hueco';
import { NuevaCita } from './nueva/NuevaCita';
import { SerieFija } from './SerieFija';
import type { useVista } from './vista';

type Direccion = EnDireccion & Buscado & { cita: string; seccion: string; nueva: string; buscar: string; mascota: string; nombre: string; lado: string };
type Props = {
  f: Direccion;
  cambiar: (cambios: Partial<Direccion>) => void;
  sede: YoSede;
  fecha: string;
  hoy: string;
  vista: ReturnType<typeof useVista>;
  actos: ReturnType<typeof useActos>;
  hueco: Hueco | undefined;
};

export default function Dialogos({ f, cambiar, sede, fecha, hoy, vista: v, actos, hueco }: Props) {
  const puede = usePuede();
  const zona = sede.zona_horaria;
  const [paraEsperar, setParaEsperar] = useState<ParaEsperar>({});
  const { estorbo, alargada, serie } = actos;
  const cerrarNueva = () => {
    setParaEsperar({});
    cambiar({ nueva: '', mascota: '', nombre: '', ...HUECO });
  };
  const esperar = puede('cita.reservar')
    ? (de: ParaEsperar) => {
        setParaEsperar(de);
        cambiar({ nueva: 'espera', mascota: '', nombre: '', ...HUECO, ...BUSCADO });
      }
    : undefined;
  if (estorbo)
    return (
      <Conflicto
        estorbo={estorbo}
        zona={zona}
        cerrar={() => {
          actos.setEstorbo(null);
          cambiar({ nueva: '', mascota: '', nombre: '', cita: '', seccion: '', ...HUECO });
        }}
      />
    );
  if (alargada) {
    const { cita, minutos } = alargada;
    return <Alargar cita={cita} minutos={minutos || minutosEntre(cita.inicio, cita.fin)} propios={actos.propia(cita)} zona={zona} seEncima={(fin) => actos.encima(cita, cita.medico_id, cita.inicio, fin)} alGuardar={(a, motivo) => actos.guardarDuracion(cita, a, motivo)} cerrar={() => actos.setAlargada(null)} />;
  }
  if (serie) return <SerieFija que={serie} zona={zona} nombreDe={actos.nombreDe} alMoverSola={() => void actos.intentar(serie.cita, { ...serie.a, alcance: 'esta' })} cerrar={() => actos.setSerie(null)} />;
  if (f.buscar)
    return (
      <BuscaHueco
        sede={sede}
        sedes={v.sedes.filter((una) => puede('cita.reservar', una.id))}
        fecha={fecha}
        f={f}
        cambiar={cambiar}
        alElegir={(elegido) => cambiar({ nueva: '1', ...deHueco(elegido), ...BUSCADO })}
        alEsperar={esperar}
        cerrar={() => cambiar(BUSCADO)}
      />
    );
  if (f.nueva === 'espera') return <NuevaEspera sede={sede} de={paraEsperar} fecha={fecha} medicos={v.medicos} alAnotar={() => cambiar({ lado: 'esperas' })} cerrar={cerrarNueva} />;
  if (f.nueva)
    return (
      <NuevaCita
        sede={v.sedes.find((una) => una.id === hueco?.sede_id) ?? sede}
        hueco={hueco}
        servicio={f.servicio || undefined}
        medico={f.con || undefined}
        mascota={f.mascota ? { id: f.mascota, nombre: f.nombre, detalle: '' } : undefined}
        medicos={v.medicos}
        fecha={fecha}
        desde={fecha > hoy ? deZona(`${fecha}T00:00`, zona) : new Date(Math.ceil(Date.now() / 60_000) * 60_000).toISOString()}
        alEstorbo={actos.setEstorbo}
        alEsperar={esperar}
        cerrar={cerrarNueva}
      />
    );
  if (f.cita)
    return (
      <CitaCajon
        id={f.cita}
        fila={v.todas.find((c) => c.id === f.cita)}
        seccion={f.seccion}
        sede={sede}
        medicos={v.medicos}
        ambientes={v.nombres}
        alMover={(cita, a) => void actos.intentar(cita, a)}
        alAlargar={(cita) => actos.setAlargada({ cita, minutos: 0 })}
        cerrar={() => cambiar({ cita: '', seccion: '' })}
      />
    );
  return null;
}
