/** Every attempt to get in: who, from where, with what, and whether it let them. */
import { IconCircleCheck, IconCircleX, IconLogin } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Equipo } from '@/comun/Equipo';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { usePersonas } from '@/comun/Quien';
import { hora, ZONA } from '@/comun/tiempo';
import { deDias, Elige, EligePersona, EntreDias, PorDia, SinFiltros } from './filtros';
import { Partes } from './Partes';

type Acceso = Esquemas['Acceso'];
type Resultado = Esquemas['Resultado'];

const FILTROS = { quien: '', resultado: '', desde: '', hasta: '' };
const RESULTADOS: Resultado[] = ['ingreso', 'contrasena_incorrecta', 'cuenta_desconocida', 'cuenta_inactiva', 'falta_codigo', 'codigo_incorrecto', 'demasiados_intentos', 'renovacion_reusada', 'clave_rechazada'];
const esResultado = (texto: string): texto is Resultado => (RESULTADOS as string[]).includes(texto);

const pregunta = ({ quien, resultado, ...dias }: typeof FILTROS) => ({
  ...(quien ? { usuario_id: quien } : {}),
  ...(esResultado(resultado) ? { resultado } : {}),
  ...deDias(dias),
});

export default function Ingresos() {
  const { t } = useTranslation('auditoria');
  const [f, cambiar] = useFiltros(FILTROS);
  const consulta = usePaginas('/api/v1/accesos', f, (cursor) => cuerpo(api.GET('/api/v1/accesos', { params: { query: { limite: 50, ...pregunta(f), ...cursor } } })));
  const filtrada = Object.values(f).some(Boolean);
  return (
    <Partes detalle={t('ingresos.detalle')} acciones={<Exportar de="/api/v1/accesos" con={pregunta(f)} />} filtros={<Filtros f={f} cambiar={cambiar} filtrada={filtrada} />}>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={10} alto={46} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconLogin} titulo={t(filtrada ? 'nada_asi' : 'nada')} detalle={filtrada ? t('nada_asi_ayuda') : undefined} />}
      <PorDia filas={consulta.items}>{(uno) => <Ingreso key={uno.id} acceso={uno} />}</PorDia>
      <Mas consulta={consulta} />
    </Partes>
  );
}

function Filtros({ f, cambiar, filtrada }: { f: typeof FILTROS; cambiar: (cambios: Partial<typeof FILTROS>) => void; filtrada: boolean }) {
  const { t } = useTranslation('auditoria');
  return (
    <>
      <Elige nombre={t('ingresos.resultado')} data={RESULTADOS.map((uno) => ({ value: uno, label: t(`ingresos.fue.${uno}`) }))} valor={f.resultado} alElegir={(resultado) => cambiar({ resultado })} />
      <EligePersona valor={f.quien} alElegir={(quien) => cambiar({ quien })} />
      <EntreDias desde={f.desde} hasta={f.hasta} cambiar={cambiar} />
      {filtrada && <SinFiltros alQuitar={() => cambiar(FILTROS)} />}
    </>
  );
}

function Ingreso({ acceso }: { acceso: Acceso }) {
  const { t } = useTranslation('auditoria');
  const nombre = usePersonas();
  const bien = acceso.resultado === 'ingreso';
  const quien = nombre(acceso.usuario_id) ?? t(acceso.usuario_id ? 'actor.usuario' : acceso.clave_api_id ? 'actor.clave_api' : 'ingresos.nadie');
  return (
    <li className="auditoria-linea">
      <time className="num tenue" dateTime={acceso.en}>
        {hora(acceso.en, ZONA)}
      </time>
      <div>
        <div className="ingreso-quien">
          <b>{quien}</b>
          <Pastilla tono={bien ? 'bien' : 'aviso'} icono={bien ? IconCircleCheck : IconCircleX}>
            {t(`ingresos.fue.${acceso.resultado}`)}
          </Pastilla>
        </div>
        <div className="tenue chico">
          {[t(`ingresos.medio.${acceso.medio}`), acceso.ip].filter(Boolean).join(' · ')}
          {acceso.dispositivo && (
            <>
              {' · '}
              <Equipo agente={acceso.dispositivo} />
            </>
          )}
        </div>
      </div>
    </li>
  );
}
