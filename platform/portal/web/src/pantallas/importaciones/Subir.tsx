import { Button, Radio } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useRef, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { useFiltros, useIr } from '@/app/direccion';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { renovarImportaciones, TIPOS, type Tipo } from './datos';
import { ejemplosDe, guardarEjemplos } from './ejemplos';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function Subir() {
  const { t } = useTranslation('importaciones');
  const [{ tipo }, cambiar] = useFiltros({ tipo: 'tutores' });
  const ir = useIr();
  const { va, falla, enviar } = useEnvio();
  const [encima, setEncima] = useState(false);
  const campo = useRef<HTMLInputElement>(null);
  const subir = (archivo: File | undefined) => {
    if (!archivo) return;
    void enviar(async () => {
      const ejemplos = await ejemplosDe(archivo);
      const hecha = await cuerpo(
        api.POST('/api/v1/importaciones', {
          params: { query: { tipo: tipo as Tipo, nombre: archivo.name }, header: { 'Idempotency-Key': llave() } },
          body: archivo as never,
          bodySerializer: (crudo) => crudo as never,
          headers: { 'Content-Type': /\.xlsx$/i.test(archivo.name) ? XLSX : 'text/csv' },
        }),
      );
      guardarEjemplos(hecha.id, ejemplos);
      void renovarImportaciones();
      ir(`/importaciones/${hecha.id}`);
    });
  };
  const soltar = (evento: DragEvent) => {
    evento.preventDefault();
    setEncima(false);
    subir(evento.dataTransfer.files[0]);
  };
  return (
    <Seccion titulo={t('nueva')}>
      <Radio.Group label={t('de_que')} description={t('orden')} value={tipo} onChange={(nuevo) => cambiar({ tipo: nuevo })} mb="md">
        <div className="tipos">
          {TIPOS.map((uno) => (
            <Radio.Card key={uno} value={uno} className="tipo" p="xs" aria-label={t(`tipo.${uno}`)}>
              <Radio.Indicator />
              <span>
                <b>{t(`tipo.${uno}`)}</b>
                <span className="tenue chico">{t(`tipo_ayuda.${uno}`)}</span>
              </span>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
      <Falla>{falla}</Falla>
      <div className="soltar" data-encima={encima || undefined} onDragOver={(e) => (e.preventDefault(), setEncima(true))} onDragLeave={() => setEncima(false)} onDrop={soltar}>
        <IconFileSpreadsheet size={34} stroke={1.4} aria-hidden />
        <div>
          <b>{t('suelte')}</b>
          <div className="tenue chico">{t('formatos')}</div>
        </div>
        <Button loading={va} onClick={() => campo.current?.click()}>
          {t('elegir')}
        </Button>
        <input ref={campo} type="file" hidden accept=".csv,.txt,.tsv,.xlsx" aria-label={t('archivo')} onChange={(e) => (subir(e.currentTarget.files?.[0]), (e.currentTarget.value = ''))} />
      </div>
      <p className="tenue chico importar-nota">{t('guarda')}</p>
    </Seccion>
  );
}
