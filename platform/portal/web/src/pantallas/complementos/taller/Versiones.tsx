import { Select, TextInput } from '@mantine/core';
import { IconPackage } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { type EstadoVersion } from '../datos';
import { ComoVersion, IconoMundo } from '../Partes';

const ESTADOS: EstadoVersion[] = ['en_revision', 'en_examen', 'aprobada', 'rechazada', 'retirada'];

/** `de`: of these publishers only; what the platform sees is everybody's. */
export function Versiones({ de, inicial = '' }: { de?: string[]; inicial?: EstadoVersion | '' | 'todas' }) {
  const { t } = useTranslation('complementos');
  const [f, cambiar] = useFiltros({ estado: inicial as string, complemento: '' });
  const estado = ESTADOS.find((uno) => uno === f.estado);
  const filtros = { ...(estado ? { estado } : {}), ...(f.complemento.includes('.') ? { complemento: f.complemento.trim() } : {}) };
  const consulta = usePaginas('/api/v1/complementos/versiones', filtros, (cursor) => cuerpo(api.GET('/api/v1/complementos/versiones', { params: { query: { ...filtros, limite: 50, ...cursor } } })));
  const items = de ? consulta.items.filter((una) => de.includes(una.editor)) : consulta.items;
  return (
    <>
      <div className="marco-filtros cmp-filtros">
        <Select aria-label={t('version.estado')} data={[{ value: 'todas', label: t('version.todas') }, ...ESTADOS.map((uno) => ({ value: uno, label: t(`estado_version.${uno}`) }))]} value={estado ?? 'todas'} allowDeselect={false} onChange={(uno) => cambiar({ estado: uno ?? '' })} />
        <TextInput aria-label={t('version.id')} placeholder={t('version.id')} value={f.complemento} onChange={(e) => cambiar({ complemento: e.currentTarget.value })} />
        <Exportar de="/api/v1/complementos/versiones" con={filtros} />
      </div>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={4} alto={52} />}
      {consulta.data && items.length === 0 && <Vacio icono={IconPackage} titulo={t(estado === 'en_revision' ? 'version.nada_que_revisar' : 'version.nada')} />}
      <ul className="lineas cmp-lista">
        {items.map((una) => (
          <li key={una.digest}>
            <IconoMundo mundo={una.mundo} />
            <span className="cmp-crece">
              <Enlace a={`/complementos/versiones/${una.digest}`}>
                <b>
                  {una.nombre} {una.version}
                </b>
              </Enlace>
              <span className="tenue chico cmp-bloque">
                {una.complemento} · {t('version.subida', { editor: una.editor, en: fechaHora(una.subida_en, ZONA) })}
              </span>
            </span>
            <ComoVersion estado={una.estado} />
          </li>
        ))}
      </ul>
      <Mas consulta={consulta} />
    </>
  );
}
