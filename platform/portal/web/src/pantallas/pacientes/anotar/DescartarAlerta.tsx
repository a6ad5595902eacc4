/** An alert that somebody looked at and decided against: with a reason, until a day or until its facts change. */
import { ActionIcon, Popover, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { renovarMascota } from '../datos';
import { conDias } from '../texto';

export function Descartar({ alerta }: { alerta: { id: string; titulo: string } }) {
  const { t } = useTranslation('pacientes');
  const [abierto, setAbierto] = useState(false);
  const formulario = useForm({ initialValues: { motivo: '', hasta: '' }, validate: { motivo: (v) => (v.trim() ? null : t('alertas.motivo_falta')) } });
  const envio = useEnvio(formulario as never);
  const ruta = { params: { path: { id: alerta.id } } };
  async function descartar({ motivo, hasta }: { motivo: string; hasta: string }) {
    const bien = await envio.enviar(() => cuerpo(api.POST('/api/v1/alertas/{id}/descartar', { ...ruta, body: { motivo: motivo.trim(), hasta: hasta || null } })));
    if (!bien) return;
    setAbierto(false);
    void renovarMascota();
    avisar({
      tono: 'bien',
      titulo: t('alertas.descartada'),
      detalle: conDias(alerta.titulo),
      deshacer: () => cuerpo(api.POST('/api/v1/alertas/{id}/reabrir', ruta)).then(() => void renovarMascota(), avisarFalla),
    });
  }
  return (
    <Popover opened={abierto} onChange={setAbierto} width={300} trapFocus position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" className="alerta-quitar" aria-label={t('alertas.descartar_esta', { alerta: conDias(alerta.titulo) })} onClick={() => setAbierto(!abierto)}>
          <IconEyeOff size={17} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('alertas.descartar')}>
        <Forma envio={envio} guardar={t('alertas.descartar')} alEnviar={formulario.onSubmit((valores) => void descartar(valores))}>
          <Textarea label={t('alertas.motivo')} autosize minRows={2} data-autofocus maxLength={500} {...formulario.getInputProps('motivo')} />
          <CampoFecha dentro label={t('alertas.hasta')} vaciable description={t('alertas.hasta_ayuda')} minimo={hoyEn(ZONA)} {...deCampo(formulario.getInputProps('hasta'))} />
        </Forma>
      </Popover.Dropdown>
    </Popover>
  );
}
