/** Two records of one person: pets and missing contacts go to the one that stays. It can be taken back for some days. */
import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { useEnvio } from '@/comun/formulario';
import { BuscaTutor } from '@/comun/tutores/BuscaTutor';
import { renovarMascota, renovarTutor, type Tutor } from '../datos';
import { deshacerFusion, PreviaFusion } from './PreviaFusion';

export function FusionarTutor({ tutor }: { tutor: Tutor }) {
  const { t } = useTranslation('pacientes');
  const [{ con }, cambiar] = useFiltros({ con: '', abrir: '', fusion: '' });
  const nombre = `${tutor.nombres} ${tutor.apellidos}`.trim();
  const consulta = $api.useQuery('get', '/api/v1/tutores/{id}/fusion', { params: { path: { id: tutor.id }, query: { con } } }, { enabled: con !== '', staleTime: 0 });
  const { va, falla, enviar } = useEnvio();
  const fusionar = () =>
    void enviar(async () => {
      const hecha = await cuerpo(api.POST('/api/v1/tutores/{id}/fusiones', { params: { path: { id: tutor.id }, header: { 'Idempotency-Key': llave() } }, body: { con } }));
      cambiar({ con: '', abrir: '', fusion: hecha.id });
      void Promise.all([renovarTutor(), renovarMascota()]);
      avisar({ tono: 'bien', titulo: t('fusion.hecha', { nombre }), deshacer: () => deshacerFusion(hecha.id) });
    });
  if (con) return <Segun consulta={consulta}>{(previa) => <PreviaFusion previa={previa} va={va} falla={falla} otra={() => cambiar({ con: '' })} fusionar={fusionar} />}</Segun>;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('fusion.ayuda', { nombre })}
      </Text>
      <BuscaTutor nombre={t('fusion.otra')} inicial={nombre} sin={tutor.id} alElegir={({ id }) => cambiar({ con: id })} />
    </Stack>
  );
}
