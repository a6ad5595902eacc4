import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { renovarMascota } from '../datos';
import type { DeCajon } from './Cajon';

type Datos = Esquemas['Identificador'];
const TIPOS = ['microchip', 'placa', 'placa_rabia', 'registro_municipal', 'otro'] as const;

const agregar = (id: string, body: Datos) => cuerpo(api.POST('/api/v1/pacientes/{id}/identificadores', { params: { path: { id }, header: { 'Idempotency-Key': llave() } }, body }));
const retirar = (id: string, { tipo, valor }: Datos) => cuerpo(api.DELETE('/api/v1/pacientes/{id}/identificadores/{tipo}/{valor}', { params: { path: { id, tipo, valor } } }));

export function AgregarIdentificador({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const formulario = useForm({ initialValues: { tipo: 'microchip' as Datos['tipo'], valor: '' }, validate: { valor: (v, { tipo }) => (tipo === 'microchip' && v.replace(/[\s.-]/g, '').length !== 15 ? t('identificadores.microchip_mal') : v.trim() ? null : t('identificadores.valor_falta')) } });
  const envio = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const body = { tipo: v.tipo, valor: v.tipo === 'microchip' ? v.valor.replace(/[\s.-]/g, '') : v.valor.trim() };
      await agregar(mascota.id, body);
      listo();
      void renovarMascota();
      avisar({ tono: 'bien', titulo: t('identificadores.agregado', { cual: t(`identificador.${v.tipo}`) }), deshacer: () => retirar(mascota.id, body).then(() => void renovarMascota(), avisarFalla) });
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('identificadores.guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Select label={t('identificadores.tipo')} allowDeselect={false} data={TIPOS.map((tipo) => ({ value: tipo, label: t(`identificador.${tipo}`) }))} {...formulario.getInputProps('tipo')} />
      <TextInput label={t('identificadores.valor')} description={formulario.values.tipo === 'microchip' ? t('identificadores.microchip_ayuda') : undefined} inputMode={formulario.values.tipo === 'microchip' ? 'numeric' : 'text'} data-autofocus maxLength={60} autoComplete="off" {...formulario.getInputProps('valor')} />
    </Forma>
  );
}

export function retirarIdentificador(id: string, identificador: Datos, dicho: string) {
  const { tipo, valor } = identificador;
  return retirar(id, { tipo, valor }).then(() => {
    void renovarMascota();
    avisar({ tono: 'bien', titulo: dicho, deshacer: () => agregar(id, { tipo, valor }).then(() => void renovarMascota(), avisarFalla) });
  }, avisarFalla);
}
