import { Button, Menu, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight, IconChevronDown, IconClock, IconDots } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Estado } from '@/api/cliente';
import { useIr } from '@/app/direccion';
import { useSede, useSesion } from '@/app/sesion';
import { SIGUIENTES, siguienteDe } from '@/comun/citas/estados';
import { duracion, hora, minutosEntre } from '@/comun/tiempo';
import { avisar, textoDeFalla } from '@/app/avisos';
import { admiteEstado, clasificar, clave, pasar, retirar, TECLAS, TRIAJES, type Columna, type EnSala } from './datos';

/** Minutes that count in this column: waited, or in the room. */
function minutos(fila: EnSala, columna: Columna, ahora: number): number | undefined {
  const visita = fila.visita;
  const desde = columna === 'en_espera' ? visita?.llegada_en : columna === 'en_consulta' ? visita?.consulta_en : columna === 'por_cobrar' ? visita?.consulta_fin_en : undefined;
  return desde ? Math.max(0, minutosEntre(desde, new Date(ahora))) : undefined;
}

const nombreDe = (tarjeta: Element | null | undefined) => tarjeta?.querySelector<HTMLElement>('.tarjeta-quien');

/** Arrows go from card to card and from column to column. */
function moverFoco(tarjeta: HTMLElement, tecla: string): boolean {
  const carril = tarjeta.closest('.carril');
  const vecina = { ArrowDown: tarjeta.nextElementSibling, ArrowUp: tarjeta.previousElementSibling }[tecla];
  const lejos = { ArrowRight: 'nextElementSibling', ArrowLeft: 'previousElementSibling' }[tecla] as 'nextElementSibling' | 'previousElementSibling' | undefined;
  let otro = lejos && carril?.[lejos];
  while (lejos && otro && !nombreDe(otro)) otro = otro[lejos];
  const destino = nombreDe(lejos ? otro : vecina);
  destino?.focus();
  return !!destino;
}

/** The card is drawn again in another column: whoever works by keys stays on it. */
function seguirConElFoco(cual: string, veces = 20) {
  const antes = document.querySelector(`[data-clave="${cual}"]`)?.closest('.carril');
  const mirar = (quedan: number) => {
    const tarjeta = document.querySelector(`[data-clave="${cual}"]`);
    if (tarjeta && tarjeta.closest('.carril') !== antes) nombreDe(tarjeta)?.focus();
    else if (quedan > 0) setTimeout(() => mirar(quedan - 1), 100);
  };
  mirar(veces);
}

export function Tarjeta({ fila, columna, ahora, atiende, alLlevar }: { fila: EnSala; columna: Columna; ahora: number; atiende: boolean; alLlevar: (fila: EnSala | null) => void }) {
  const { t } = useTranslation('sala');
  const sede = useSede();
  const ir = useIr();
  const { yo } = useSesion();
  const [va, setVa] = useState(false);
  const lleva = minutos(fila, columna, ahora);
  const objetivo = fila.objetivo_min ?? undefined;
  const excedida = columna === 'en_espera' && (fila.excedida || (objetivo !== undefined && lleva !== undefined && lleva > objetivo));
  const cerca = !excedida && columna === 'en_espera' && objetivo !== undefined && lleva !== undefined && lleva > objetivo * 0.7;
  const triaje = fila.visita?.triaje;
  const sigue = siguienteDe(fila.estado);
  async function seguir(estado: Estado, medico?: string) {
    setVa(true);
    await pasar(fila, estado, medico);
    setVa(false);
  }
  function tecla(estado: Estado) {
    if (!admiteEstado(fila, estado) || (!fila.cita && necesitaMedico(fila) && !yo.es_medico)) {
      avisar({ tono: 'nota', titulo: t('no_pasa', { mascota: fila.mascota, de: t(`app:estado.${fila.estado}`), a: t(`app:estado.${estado}`) }) });
      return;
    }
    seguirConElFoco(clave(fila));
    void seguir(estado, fila.cita ? undefined : (fila.visita?.medico_id ?? yo.id));
  }
  const tarde = columna === 'por_llegar' && fila.cita ? minutosEntre(fila.cita.inicio, new Date(ahora)) : 0;
  const abrir = () => (fila.cita ? ir('/agenda', { fecha: '', cita: fila.cita.id, vista: 'dia' }) : ir(`/pacientes/${fila.mascota_id}`));
  return (
    <article
      className="tarjeta"
      data-clave={clave(fila)}
      data-excedida={excedida || undefined}
      data-triaje={triaje ?? undefined}
      draggable={atiende}
      onDragStart={(evento) => {
        evento.dataTransfer.effectAllowed = 'move';
        evento.dataTransfer.setData('text/plain', fila.mascota);
        alLlevar(fila);
      }}
      onDragEnd={() => alLlevar(null)}
      onKeyDown={(evento) => {
        if (evento.ctrlKey || evento.metaKey || evento.altKey) return;
        if (moverFoco(evento.currentTarget, evento.key)) {
          evento.preventDefault();
          return;
        }
        const estado = evento.key.toLowerCase() === 'l' ? 'en_espera' : TECLAS[evento.key];
        if (!estado) return;
        evento.stopPropagation();
        if (atiende && estado !== fila.estado) tecla(estado);
      }}
    >
      <header>
        <UnstyledButton className="tarjeta-quien" onClick={abrir}>
          {fila.mascota}
        </UnstyledButton>
        {lleva !== undefined ? (
          <span className="reloj num" data-tono={excedida ? 'mal' : cerca ? 'cerca' : undefined} title={objetivo ? t('objetivo', { minutos: objetivo }) : undefined}>
            {excedida ? <IconAlertTriangle size={14} aria-hidden /> : <IconClock size={14} aria-hidden />}
            {duracion(lleva)}
            {excedida && <span className="oculto">{t('excedida')}</span>}
          </span>
        ) : (
          fila.cita && <time className="num">{hora(fila.cita.inicio, sede.zona_horaria)}</time>
        )}
      </header>
      <p>
        {[fila.servicio, fila.tutor].filter(Boolean).join(' · ')}
        <br />
        {fila.medico ?? t('cualquier_medico')}
      </p>
      {(triaje || !fila.cita || tarde > 5) && (
        <div className="tarjeta-marcas">
          {triaje && <span className={`triaje triaje-${triaje}`}>{t(`app:triaje_corto.${triaje}`)}</span>}
          {!fila.cita && columna === 'en_espera' && <span className="marca-chica">{t('vino_sin_cita')}</span>}
          {tarde > 5 && <span className="marca-chica marca-tarde">{t('tarde', { tiempo: duracion(tarde) })}</span>}
        </div>
      )}
      {atiende && columna !== 'terminadas' && (
        <footer>
          {sigue && (fila.cita || fila.visita) ? (
            fila.cita || !necesitaMedico(fila) ? (
              <Button size="xs" variant="light" loading={va} rightSection={<IconArrowRight size={14} />} onClick={() => void seguir(sigue)}>
                {t(`app:cita.accion.${sigue}`)}
              </Button>
            ) : (
              <Tomar fila={fila} va={va} seguir={(medico) => void seguir('en_consulta', medico)} />
            )
          ) : (
            <span />
          )}
          <Mas fila={fila} columna={columna} seguir={seguir} />
        </footer>
      )}
    </article>
  );
}

const necesitaMedico = (fila: EnSala) => !fila.visita?.medico_id;

/** Who came without an appointment goes to a vet: oneself, or one of those on duty. */
function Tomar({ fila, va, seguir }: { fila: EnSala; va: boolean; seguir: (medico: string) => void }) {
  const { t } = useTranslation('sala');
  const { yo } = useSesion();
  const sede = useSede();
  const [abierto, setAbierto] = useState(false);
  const rol = $api.useQuery('get', '/api/v1/sedes/{id}/rol', { params: { path: { id: sede.id }, query: {} } }, { enabled: abierto, staleTime: 60_000 });
  if (yo.es_medico)
    return (
      <Button size="xs" variant="light" loading={va} rightSection={<IconArrowRight size={14} />} onClick={() => seguir(yo.id)}>
        {t('tomar')}
      </Button>
    );
  const medicos = rol.data?.dias[0]?.medicos ?? [];
  return (
    <Menu opened={abierto} onChange={setAbierto} shadow="md">
      <Menu.Target>
        <Button size="xs" variant="light" loading={va} rightSection={<IconChevronDown size={14} />} aria-label={`${t('app:cita.accion.en_consulta')}: ${fila.mascota}`}>
          {t('app:cita.accion.en_consulta')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('con_quien')}</Menu.Label>
        {medicos.map((m) => (
          <Menu.Item key={m.medico_id} onClick={() => seguir(m.medico_id)}>
            {m.medico}
          </Menu.Item>
        ))}
        {rol.isPending && <Menu.Item disabled>{t('app:cargando')}</Menu.Item>}
        {rol.isError && !rol.data && (
          <Menu.Item color="red" leftSection={<IconAlertTriangle size={15} aria-hidden />} closeMenuOnClick={false} onClick={() => void rol.refetch()}>
            {textoDeFalla(rol.error)} {t('app:reintentar')}
          </Menu.Item>
        )}
        {rol.isSuccess && medicos.length === 0 && <Menu.Item disabled>{t('nadie_de_turno')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function Mas({ fila, columna, seguir }: { fila: EnSala; columna: Columna; seguir: (estado: Estado) => Promise<void> }) {
  const { t } = useTranslation('sala');
  const boton = useRef<HTMLButtonElement>(null);
  const otros = fila.cita ? SIGUIENTES[fila.estado].filter((estado) => estado !== siguienteDe(fila.estado) && estado !== 'anulada') : [];
  if (otros.length === 0 && columna !== 'en_espera') return null;
  return (
    <Menu shadow="md" position="bottom-end">
      <Menu.Target>
        <UnstyledButton ref={boton} className="tarjeta-mas" aria-label={t('mas_de', { mascota: fila.mascota })}>
          <IconDots size={17} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {columna === 'en_espera' && fila.visita && (
          <>
            <Menu.Label>{t('triaje')}</Menu.Label>
            {TRIAJES.map((triaje) => (
              <Menu.Item key={triaje} leftSection={<i className={`triaje-punto triaje-${triaje}`} aria-hidden />} onClick={() => void clasificar(fila, triaje)}>
                {t(`app:triaje.${triaje}`)}
              </Menu.Item>
            ))}
            <Menu.Divider />
          </>
        )}
        {otros.map((estado) => (
          <Menu.Item key={estado} onClick={() => void seguir(estado)}>
            {t(`app:cita.accion.${estado}`)}
          </Menu.Item>
        ))}
        {columna === 'en_espera' && fila.visita && !fila.cita && (
          <Menu.Item color="red" onClick={() => retirar(fila, t('se_fue'))}>
            {t('se_fue')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
