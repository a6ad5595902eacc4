import { Button, Menu, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { ZONA } from '@/comun/tiempo';
import { renovarTutor, soloDia, type Mascota } from '../datos';

/** Of the owner: what the clinic asks about a pet is asked of the person. */
export function Consentimientos({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const dueno = mascota.tutores.find((uno) => uno.relacion === 'propietario');
  if (!dueno)
    return (
      <Seccion titulo={t('consentimientos.titulo')}>
        <Nada>{t('tutores.ninguno')}</Nada>
      </Seccion>
    );
  return <ConsentimientosDe tutor={dueno.tutor.id} />;
}

type Vigente = Esquemas['ConsentimientoVigente'];

export function ConsentimientosDe({ tutor }: { tutor: string }) {
  const { t } = useTranslation('pacientes');
  const consulta = $api.useQuery('get', '/api/v1/tutores/{id}/consentimientos', { params: { path: { id: tutor } } });
  return (
    <Seccion titulo={t('consentimientos.titulo')}>
      <Segun consulta={consulta}>
        {({ vigentes }) => (
          <ul className="lineas">
            {vigentes.map((uno) => (
              <Uno key={uno.finalidad} tutor={tutor} vigente={uno} />
            ))}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}

/** The words that the owner is asked, and their version: what was consented to has to be known later. */
const TEXTO = 'portal-1';

function Uno({ tutor, vigente }: { tutor: string; vigente: Vigente }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const [canal, setCanal] = useState<Esquemas['Canal']>('presencial');
  async function anotar(otorgado: boolean) {
    const guardar = (valor: boolean) => cuerpo(api.POST('/api/v1/tutores/{id}/consentimientos', { params: { path: { id: tutor }, header: { 'Idempotency-Key': llave() } }, body: { finalidad: vigente.finalidad, otorgado: valor, canal, texto_version: TEXTO } }));
    try {
      await guardar(otorgado);
      await renovarTutor();
      avisar({ tono: 'bien', titulo: t(otorgado ? 'consentimientos.dado' : 'consentimientos.retirado', { para: t(`finalidad.${vigente.finalidad}.nombre`) }), detalle: t('consentimientos.queda') });
    } catch (falla) {
      avisarFalla(falla);
    }
  }
  const nunca = !vigente.desde;
  return (
    <li className="hecho">
      <div>
        <b className="peso-medio">{t(`finalidad.${vigente.finalidad}.nombre`)}</b>
        <div className="tenue chico">
          {vigente.desde ? t('consentimientos.desde', { dia: soloDia(vigente.desde, ZONA) }) : t('consentimientos.sin_preguntar')}
          {vigente.salvo && vigente.salvo.length > 0 && ` · ${t('consentimientos.salvo', { medios: vigente.salvo.map((medio) => t(`medio.${medio}`)).join(', ') })}`}
        </div>
      </div>
      <Pastilla tono={vigente.otorgado ? 'bien' : 'gris'} icono={vigente.otorgado ? IconCheck : nunca ? IconMinus : IconX}>
        {t(vigente.otorgado ? 'consentimientos.si' : nunca ? 'consentimientos.nunca' : 'consentimientos.no')}
      </Pastilla>
      {puede('consentimiento.registrar', 'alguna') && (
        <Menu width={290} position="bottom-end" shadow="md">
          <Menu.Target>
            <Button size="compact-xs" variant="default" aria-label={t('consentimientos.anotar_de', { para: t(`finalidad.${vigente.finalidad}.nombre`) })}>
              {t('consentimientos.anotar')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Stack gap={6} p="xs">
              <Text size="sm">«{t(`finalidad.${vigente.finalidad}.texto`)}»</Text>
              <SegmentedControl size="xs" aria-label={t('consentimientos.como')} value={canal} onChange={(valor) => setCanal(valor as Esquemas['Canal'])} data={(['presencial', 'telefono', 'mensaje'] as const).map((valor) => ({ value: valor, label: t(`canal.${valor}`) }))} />
            </Stack>
            <Menu.Item leftSection={<IconCheck size={16} aria-hidden />} onClick={() => void anotar(true)}>
              {t('consentimientos.acepta')}
            </Menu.Item>
            <Menu.Item leftSection={<IconX size={16} aria-hidden />} onClick={() => void anotar(false)}>
              {t('consentimientos.no_acepta')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
