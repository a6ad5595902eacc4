import { Button, Loader, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuildingCommunity, IconCross, IconPlus, IconSearch, IconUserSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Puede, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { useAtajo } from '@/app/atajos';
import { useIr } from '@/app/direccion';
import { FotoMascota } from '@/comun/especie';
import { Pastilla } from '@/comun/Pastilla';
import type { Encontrado } from './datos';
import './pacientes.css';

const PAUSA_MS = 180;

export default function Buscar() {
  const { t } = useTranslation('pacientes');
  const [{ q }, cambiar] = useFiltros({ q: '' });
  const [texto, setTexto] = useState(q);
  const [pausado] = useDebouncedValue(texto.trim(), PAUSA_MS);
  const ir = useIr();
  useEffect(() => {
    if (pausado !== q) cambiar({ q: pausado });
    // Only what is typed writes the address; the back button is seen to below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [pausado]);
  useAtajo('n', t('registro.titulo'), () => ir('/pacientes/nuevo'));
  const consulta = $api.useQuery('get', '/api/v1/pacientes', { params: { query: { buscar: pausado, limite: 50 } } }, { enabled: pausado.length >= 2, placeholderData: keepPreviousData });
  const halladas = consulta.data?.items ?? [];
  const nuevo = (
    <Puede permiso="paciente.registrar" sede="alguna">
      <Button component={Enlace} a="/pacientes/nuevo" con={datosDe(pausado)} leftSection={<IconPlus size={17} aria-hidden />}>
        {t('registro.titulo')}
      </Button>
    </Puede>
  );
  return (
    <Marco titulo={t('buscar.titulo')} acciones={nuevo}>
      <form
        role="search"
        onSubmit={(evento) => {
          evento.preventDefault();
          const primera = halladas[0]?.mascota;
          if (primera) ir(`/pacientes/${primera.id}`);
        }}
      >
        <TextInput
          className="buscar-campo"
          size="md"
          autoFocus
          aria-label={t('buscar.campo')}
          placeholder={t('buscar.campo')}
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={consulta.isFetching ? <Loader size={16} /> : null}
          value={texto}
          maxLength={100}
          autoComplete="off"
          onChange={(evento) => setTexto(evento.currentTarget.value)}
        />
      </form>
      <div aria-live="polite" className="oculto">
        {consulta.isSuccess && pausado.length >= 2 && t('app:paleta.resultados', { count: halladas.length })}
      </div>
      {pausado.length < 2 && <Vacio icono={IconUserSearch} titulo={t('buscar.empiece')} detalle={t('buscar.empiece_ayuda')} />}
      {pausado.length >= 2 && consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {pausado.length >= 2 && consulta.isPending && <Cargando filas={7} alto={58} />}
      {pausado.length >= 2 && consulta.isSuccess && halladas.length === 0 && <Vacio icono={IconUserSearch} titulo={t('buscar.nada', { q: pausado })} detalle={t('buscar.nada_ayuda')} accion={nuevo} />}
      {pausado.length >= 2 && halladas.length > 0 && (
        <ul className="hallados panel">
          {halladas.map((una, i) => (
            <Linea key={`${una.mascota?.id ?? ''}${una.tutor?.id ?? ''}${i}`} hallado={una} />
          ))}
        </ul>
      )}
    </Marco>
  );
}

/** What was typed and found nobody becomes the start of the registration. */
function datosDe(q: string): Record<string, string> {
  const cifras = q.replace(/\D/g, '');
  if (/^9\d{8}$/.test(cifras)) return { telefono: cifras };
  if (/^\d{8}$/.test(cifras)) return { documento: cifras };
  return q.length >= 2 && !/\d/.test(q) ? { mascota: q } : {};
}

function Linea({ hallado: { mascota, tutor, por, restringida } }: { hallado: Encontrado }) {
  const { t } = useTranslation('pacientes');
  const motivo = t(`app:paleta.por.${por}`);
  const a = mascota ? `/pacientes/${mascota.id}` : `/tutores/${tutor?.id ?? ''}`;
  return (
    <li>
      <Enlace a={a} className="hallado">
        <FotoMascota especie={mascota?.especie ?? ''} lado={38} />
        <span className="hallado-texto">
          <b>{mascota?.nombre ?? tutor?.nombre}</b>
          <span className="tenue">{mascota ? mascota.raza ?? mascota.especie : t('buscar.sin_mascota')}</span>
        </span>
        {mascota && (
          <span className="hallado-texto">
            <span>{tutor?.nombre ?? t('tutores.ninguno')}</span>
            <span className="tenue num">{tutor?.telefono}</span>
          </span>
        )}
        <span className="hallado-fin">
          {mascota?.fallecida_en && (
            <Pastilla tono="gris" icono={IconCross}>
              {t('fallecida.corta')}
            </Pastilla>
          )}
          {restringida && (
            <Pastilla tono="aviso" icono={IconBuildingCommunity}>
              {t('buscar.otra_sede')}
            </Pastilla>
          )}
          {motivo && <span className="tenue chico">{motivo}</span>}
        </span>
      </Enlace>
    </li>
  );
}
