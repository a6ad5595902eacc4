/** What there is to install and what the chain has, a card each. */
import { Select, SegmentedControl, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPuzzle, IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { sinTildes } from '@/comun/texto';
import { ficha, hayNueva, MUNDOS, standing, type Complemento } from './datos';
import { Aislado, Area, Como, IconoMundo } from './Partes';

const FILTROS = { q: '', mundo: '', estado: '' };
const ESTADOS = ['', 'habilitado', 'instalado', 'disponible', 'atencion'];

const pide = (uno: Complemento) => standing(uno) === 'cuarentena' || standing(uno) === 'retirado' || hayNueva(uno);
const esDe = (uno: Complemento, estado: string) => estado === '' || (estado === 'atencion' ? pide(uno) : standing(uno) === estado);

export default function Catalogo() {
  const { t } = useTranslation('complementos');
  const [f, cambiar] = useFiltros(FILTROS);
  const consulta = usePaginas('/api/v1/complementos', {}, (cursor) => cuerpo(api.GET('/api/v1/complementos', { params: { query: { limite: 200, ...cursor } } })));
  const buscado = sinTildes(f.q.trim());
  const deTexto = consulta.items.filter((uno) => (f.mundo === '' || uno.mundo === f.mundo) && (buscado === '' || sinTildes(`${uno.nombre} ${uno.descripcion ?? ''} ${uno.editor} ${uno.complemento}`).includes(buscado)));
  const vistos = deTexto.filter((uno) => esDe(uno, f.estado));
  return (
    <Marco titulo={t('titulo')} detalle={t('detalle')} partes={<Area />} acciones={<Exportar de="/api/v1/complementos" con={{ mundo: f.mundo }} />}>
      <div className="marco-filtros cmp-filtros">
        <TextInput aria-label={t('filtro.buscar')} placeholder={t('filtro.buscar')} leftSection={<IconSearch size={16} aria-hidden />} value={f.q} onChange={(e) => cambiar({ q: e.currentTarget.value })} />
        <Select
          aria-label={t('filtro.para')}
          placeholder={t('filtro.para')}
          clearable
          clearButtonProps={{ 'aria-label': t('filtro.quitar') }}
          data={MUNDOS.map((mundo) => ({ value: mundo, label: t(`mundo.${mundo}`) }))}
          value={f.mundo || null}
          onChange={(mundo) => cambiar({ mundo: mundo ?? '' })}
        />
        <SegmentedControl
          aria-label={t('filtro.estado')}
          value={f.estado}
          onChange={(estado) => cambiar({ estado })}
          data={ESTADOS.map((estado) => ({ value: estado, label: `${t(`filtro.${estado || 'todos'}`)} ${deTexto.filter((uno) => esDe(uno, estado)).length}` }))}
        />
      </div>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={3} alto={150} />}
      {consulta.data && vistos.length === 0 && <Vacio icono={IconPuzzle} titulo={t(consulta.items.length ? 'nada_asi' : 'nada')} detalle={t(consulta.items.length ? 'nada_asi_ayuda' : 'nada_ayuda')} />}
      <ul className="cmp-rejilla">
        {vistos.map((uno) => (
          <Tarjeta key={uno.complemento} complemento={uno} />
        ))}
      </ul>
      <Mas consulta={consulta} />
    </Marco>
  );
}

function Tarjeta({ complemento }: { complemento: Complemento }) {
  const { t } = useTranslation('complementos');
  return (
    <li className="panel cmp-tarjeta" data-grave={standing(complemento) === 'cuarentena' || undefined}>
      <div className="cmp-tarjeta-cabeza">
        <IconoMundo mundo={complemento.mundo} />
        <div>
          <h2>
            <Enlace a={ficha(complemento.complemento)}>{complemento.nombre}</Enlace>
          </h2>
          <span className="tenue chico">{t('de', { editor: complemento.editor, mundo: t(`mundo.${complemento.mundo}`) })}</span>
        </div>
      </div>
      <p>{complemento.descripcion}</p>
      {standing(complemento) === 'cuarentena' && (
        <p className="cmp-tarjeta-grave">
          <IconAlertTriangle size={16} aria-hidden /> {t('tarjeta_cuarentena')}
        </p>
      )}
      <div className="cmp-pastillas">
        <Como complemento={complemento} />
        <Aislado />
      </div>
    </li>
  );
}
