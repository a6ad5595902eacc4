/** The pet's photo: seen, put and changed where the pet is named. */
import { Button, FileButton, Group } from '@mantine/core';
import { IconCamera } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { usePuede } from '@/app/sesion';
import { FotoMascota } from '@/comun/especie';
import { Falla, useEnvio } from '@/comun/formulario';
import { foto, renovarMascota, type Mascota } from '../datos';

const TIPOS = ['image/jpeg', 'image/png', 'image/webp'];

export function FotoDeFicha({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const { va, falla, enviar } = useEnvio();
  const poner = (archivo: File | null) => {
    if (!archivo) return;
    void enviar(async () => {
      await cuerpo(
        api.PUT('/api/v1/pacientes/{id}/foto', {
          params: { path: { id: mascota.id }, header: { 'If-Match': version(mascota) } },
          body: archivo as never,
          bodySerializer: (crudo) => crudo as never,
          headers: { 'Content-Type': archivo.type },
        }),
      );
      await renovarMascota();
      avisar({ tono: 'bien', titulo: t('foto.puesta', { nombre: mascota.nombre }) });
    });
  };
  const edita = puede('paciente.editar', 'alguna');
  if (!edita && !mascota.tiene_foto) return null;
  return (
    <>
      <Group gap="sm" mb="xs">
        {mascota.tiene_foto ? <img className="foto-ficha" src={foto(mascota)} alt={t('foto.de', { nombre: mascota.nombre })} /> : <FotoMascota especie={mascota.especie.clave} lado={64} />}
        {edita && (
          <FileButton onChange={poner} accept={TIPOS.join(',')} inputProps={{ 'aria-label': t('foto.archivo') }}>
            {(propiedades) => (
              <Button {...propiedades} size="compact-sm" variant="default" loading={va} leftSection={<IconCamera size={15} aria-hidden />}>
                {t(mascota.tiene_foto ? 'foto.cambiar' : 'foto.poner')}
              </Button>
            )}
          </FileButton>
        )}
      </Group>
      <Falla>{falla}</Falla>
    </>
  );
}
