/**
 * The hours of a week, a line per day, written as one says them. Enter goes to the next day, Ctrl+D repeats the day above;
 * a day's button copies it to others. A bar shows the day from end to end, so that a slip is seen before it is saved.
 */
import { ActionIcon, Menu, TextInput } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Barra } from './Barra';
import { DIAS, escribirHoras, leerHoras, leerSemana, type Escrita } from './leer';
import './semana.css';

type Props = { valor: Escrita; alCambiar: (valor: Escrita) => void; enfocar?: boolean };

export function Semana({ valor, alCambiar, enfocar }: Props) {
  const { t } = useTranslation('sedes');
  const caja = useRef<HTMLDivElement>(null);
  const { mal } = leerSemana(valor);
  const poner = (dias: readonly number[], texto: string) => alCambiar({ ...valor, ...Object.fromEntries(dias.map((dia) => [dia, texto])) });
  const ir = (dia: number) => caja.current?.querySelector<HTMLInputElement>(`[data-dia="${dia}"]`)?.focus();
  function tecla(evento: React.KeyboardEvent<HTMLInputElement>, dia: number) {
    if (evento.key.toLowerCase() === 'd' && (evento.ctrlKey || evento.metaKey)) {
      evento.preventDefault();
      if (dia > 1) poner([dia], valor[dia - 1] ?? '');
    } else if ((evento.key === 'Enter' && dia < 7 && !evento.ctrlKey && !evento.metaKey) || evento.key === 'ArrowDown') {
      evento.preventDefault();
      ir(dia + 1);
    } else if (evento.key === 'ArrowUp') {
      evento.preventDefault();
      ir(dia - 1);
    }
  }
  return (
    <div ref={caja} className="semana" role="group" aria-label={t('semana.titulo')}>
      {DIAS.map((dia) => {
        const leido = leerHoras(valor[dia] ?? '');
        const nombre = t(`semana.dia.${dia}`);
        return (
          <div key={dia} className="semana-dia">
            <label htmlFor={`semana-${dia}`}>{nombre}</label>
            <TextInput
              id={`semana-${dia}`}
              data-dia={dia}
              autoComplete="off"
              {...(enfocar && dia === 1 ? { 'data-autofocus': true } : {})}
              placeholder={t('semana.cerrado')}
              value={valor[dia] ?? ''}
              error={mal[dia] && t(`semana.mal.${mal[dia]}`)}
              onChange={(evento) => poner([dia], evento.currentTarget.value)}
              onFocus={(evento) => evento.currentTarget.select()}
              onBlur={() => 'horas' in leido && poner([dia], escribirHoras(leido.horas))}
              onKeyDown={(evento) => tecla(evento, dia)}
            />
            <Barra horas={'horas' in leido ? leido.horas : []} />
            <Copiar dia={dia} nombre={nombre} poner={(dias) => poner(dias, 'horas' in leido ? escribirHoras(leido.horas) : (valor[dia] ?? ''))} />
          </div>
        );
      })}
      <p className="tenue chico">{t('semana.ayuda')}</p>
    </div>
  );
}

function Copiar({ dia, nombre, poner }: { dia: number; nombre: string; poner: (dias: readonly number[]) => void }) {
  const { t } = useTranslation('sedes');
  return (
    <Menu position="bottom-end" withinPortal shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('semana.copiar', { dia: nombre.toLowerCase() })}>
          <IconCopy size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => poner([1, 2, 3, 4, 5])}>{t('semana.a_laborables')}</Menu.Item>
        <Menu.Item onClick={() => poner([1, 2, 3, 4, 5, 6])}>{t('semana.a_sabado')}</Menu.Item>
        <Menu.Item onClick={() => poner(DIAS)}>{t('semana.a_todos')}</Menu.Item>
        {dia < 7 && <Menu.Item onClick={() => poner([dia + 1])}>{t('semana.al_siguiente')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
