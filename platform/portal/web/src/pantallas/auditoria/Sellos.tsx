/** Whether what is written here was touched afterwards: the last check of the chain of seals. */
import { Button, Skeleton } from '@mantine/core';
import { IconShieldCheck, IconShieldQuestion, IconShieldX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';
import { fechaHora, ZONA } from '@/comun/tiempo';

export function Sellos() {
  const { t } = useTranslation('auditoria');
  const consulta = $api.useQuery('get', '/api/v1/auditoria/integridad', {}, { staleTime: 60_000 });
  if (consulta.data) return consulta.data.revision ? <Revision una={consulta.data.revision} /> : <Tira icono={IconShieldQuestion} titulo={t('sellos.nunca')} detalle={t('sellos.cada_dia')} />;
  if (!consulta.isError) return <Skeleton height={62} radius="md" mb="sm" />;
  return (
    <Tira icono={IconShieldQuestion} titulo={t('sellos.no_se_leyo')} detalle={textoDeFalla(consulta.error)}>
      <Button size="compact-sm" variant="default" onClick={() => void consulta.refetch()}>
        {t('app:reintentar')}
      </Button>
    </Tira>
  );
}

function Revision({ una }: { una: Esquemas['RevisionDeAuditoria'] }) {
  const { t } = useTranslation('auditoria');
  const revisada = t('sellos.revisada', { cuando: fechaHora(una.revisada_en, ZONA) });
  if (!una.integra)
    return <Tira tono="grave" icono={IconShieldX} titulo={una.roto == null ? t('sellos.rota') : t('sellos.rota_en', { sello: una.roto })} detalle={[una.motivo, una.hasta && t('sellos.bien_hasta', { cuando: fechaHora(una.hasta, ZONA) }), revisada].filter(Boolean).join(' · ')} />;
  const dicho = [
    t('sellos.cuantos', { count: una.eslabones }),
    una.anclas == null ? t('sellos.sin_anclas') : t('sellos.anclas', { count: una.anclas }),
    una.sin_sellar > 0 && t('sellos.sin_sellar', { count: una.sin_sellar }),
    revisada,
  ];
  return <Tira tono="bien" icono={IconShieldCheck} titulo={una.hasta ? t('sellos.integra', { cuando: fechaHora(una.hasta, ZONA) }) : t('sellos.integra_vacia')} detalle={dicho.filter(Boolean).join(' · ')} />;
}

function Tira({ tono = 'gris', icono: Icono, titulo, detalle, children }: { tono?: 'bien' | 'grave' | 'gris'; icono: typeof IconShieldCheck; titulo: string; detalle: string; children?: React.ReactNode }) {
  const { t } = useTranslation('auditoria');
  return (
    <section className={`sellos tono-${tono}`} aria-label={t('sellos.titulo')} role={tono === 'grave' ? 'alert' : undefined}>
      <Icono size={24} stroke={1.7} aria-hidden />
      <div>
        <b>{titulo}</b>
        <div className="chico">{detalle}</div>
      </div>
      {children}
    </section>
  );
}
