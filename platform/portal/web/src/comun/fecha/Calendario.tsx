/** One month to choose a day from. Arrows go from day to day, Page Up and Page Down from month to month. */
import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { diaLargo, lunes, mesLargo, letrasDeLaSemana, sumarDias } from '../tiempo';
import './fecha.css';

const PASOS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function otroMes(dia: string, meses: number): string {
  const fecha = new Date(`${dia.slice(0, 7)}-01T12:00:00Z`);
  fecha.setUTCMonth(fecha.getUTCMonth() + meses);
  return fecha.toISOString().slice(0, 10);
}

type Props = { valor: string; hoy: string; alElegir: (dia: string) => void; minimo?: string | undefined; maximo?: string | undefined };

export function Calendario({ valor, hoy, alElegir, minimo, maximo }: Props) {
  const { t } = useTranslation('app');
  const [foco, setFoco] = useState(valor || hoy);
  const caja = useRef<HTMLDivElement>(null);
  const mueve = useRef(true);
  const primero = `${foco.slice(0, 7)}-01`;
  const desde = lunes(primero);
  const dias = Array.from({ length: 42 }, (_, i) => sumarDias(desde, i));
  useEffect(() => {
    if (mueve.current) caja.current?.querySelector<HTMLElement>(`[data-dia="${foco}"]`)?.focus();
  }, [foco]);
  const ir = (a: string, enfocar: boolean) => {
    mueve.current = enfocar;
    setFoco(a);
  };
  function tecla(evento: React.KeyboardEvent) {
    const paso = PASOS[evento.key];
    if (paso) ir(sumarDias(foco, paso), true);
    else if (evento.key === 'PageUp' || evento.key === 'PageDown') ir(otroMes(foco, evento.key === 'PageUp' ? -1 : 1), true);
    else return;
    evento.preventDefault();
  }
  return (
    <div ref={caja} className="calendario">
      <header>
        <ActionIcon variant="subtle" color="gray" aria-label={t('fecha.mes_antes')} onClick={() => ir(otroMes(foco, -1), false)}>
          <IconChevronLeft size={17} />
        </ActionIcon>
        <b aria-live="polite">{mesLargo(primero)}</b>
        <ActionIcon variant="subtle" color="gray" aria-label={t('fecha.mes_despues')} onClick={() => ir(otroMes(foco, 1), false)}>
          <IconChevronRight size={17} />
        </ActionIcon>
      </header>
      <div className="calendario-dias" role="group" aria-label={mesLargo(primero)} onKeyDown={tecla}>
        {letrasDeLaSemana().map((letra, i) => (
          <span key={i} aria-hidden>
            {letra}
          </span>
        ))}
        {dias.map((dia) => (
          <button
            key={dia}
            type="button"
            data-dia={dia}
            data-fuera={dia.slice(0, 7) !== foco.slice(0, 7) || undefined}
            aria-label={diaLargo(dia)}
            aria-pressed={dia === valor}
            aria-current={dia === hoy ? 'date' : undefined}
            tabIndex={dia === foco ? 0 : -1}
            disabled={(!!minimo && dia < minimo) || (!!maximo && dia > maximo)}
            onClick={() => alElegir(dia)}
          >
            {Number(dia.slice(8))}
          </button>
        ))}
      </div>
    </div>
  );
}
