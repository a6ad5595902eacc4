/** Two records of one pet: which one stays, what moves, what stands in the way. It can be taken back for some days. */
import { Loader, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { useEnvio } from '@/comun/formulario';
import { renovarMascota } from '../datos';
import type { DeCajon } from './Cajon';
import { deshacerFusion, PreviaFusion } from './PreviaFusion';

export function Fusionar({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const [{ con }, cambiar] = useFiltros({ con: '' });
  const cerrar = () => {
    listo();
  };
  return con ? <Previa mascota={mascota} con={con} otra={() => cambiar({ con: '' })} listo={cerrar} /> : <Elegir mascota={mascota} elegir={(id) => cambiar({ con: id })} ayuda={t('fusion.ayuda', { nombre: mascota.nombre })} />;
}

function Elegir({ mascota, elegir, ayuda }: { mascota: DeCajon['mascota']; elegir: (id: string) => void; ayuda: string }) {
  const { t } = useTranslation('pacientes');
  const [texto, setTexto] = useState(mascota.nombre);
  const [q] = useDebouncedValue(texto.trim(), 180);
  const consulta = $api.useQuery('get', '/api/v1/pacientes', { params: { query: { buscar: q, limite: 15 } } }, { enabled: q.length >= 2, placeholderData: keepPreviousData });
  const otras = (consulta.data?.items ?? []).filter((una) => una.mascota && una.mascota.id !== mascota.id && !una.restringida);
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {ayuda}
      </Text>
      <TextInput label={t('fusion.otra')} leftSection={<IconSearch size={16} aria-hidden />} rightSection={consulta.isFetching ? <Loader size={15} /> : null} value={texto} onChange={(evento) => setTexto(evento.currentTarget.value)} data-autofocus />
      {q.length >= 2 && consulta.isSuccess && otras.length === 0 && <Text size="sm">{t('buscar.nada', { q })}</Text>}
      <ul className="lineas">
        {otras.map((una) => (
          <li key={una.mascota?.id}>
            <UnstyledButton className="candidato" onClick={() => una.mascota && elegir(una.mascota.id)}>
              <b>{una.mascota?.nombre}</b>
              <span className="tenue">{[una.mascota?.raza ?? una.mascota?.especie, una.tutor?.nombre, una.tutor?.telefono].filter(Boolean).join(' · ')}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Stack>
  );
}

function Previa({ mascota, con, otra, listo }: { mascota: DeCajon['mascota']; con: string; otra: () => void; listo: () => void }) {
  const { t } = useTranslation('pacientes');
  const consulta = $api.useQuery('get', '/api/v1/pacientes/{id}/fusion', { params: { path: { id: mascota.id }, query: { con } } }, { staleTime: 0 });
  const { va, falla, enviar } = useEnvio();
  const [, cambiar] = useFiltros({ con: '', abrir: '', fusion: '' });
  const fusionar = () =>
    enviar(async () => {
      const hecha = await cuerpo(api.POST('/api/v1/pacientes/{id}/fusiones', { params: { path: { id: mascota.id }, header: { 'Idempotency-Key': llave() } }, body: { con } }));
      listo();
      cambiar({ con: '', abrir: '', fusion: hecha.id });
      void renovarMascota();
      avisar({ tono: 'bien', titulo: t('fusion.hecha', { nombre: mascota.nombre }), deshacer: () => deshacerFusion(hecha.id) });
    });
  return (
    <Segun consulta={consulta}>
      {(previa) => <PreviaFusion previa={previa} va={va} falla={falla} otra={otra} fusionar={() => void fusionar()} />}
    </Segun>
  );
}
