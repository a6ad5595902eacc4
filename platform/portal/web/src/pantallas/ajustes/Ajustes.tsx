/** Everything that is decided once for the chain, each with what it is for. */
import { IconAdjustments, IconBuildingBank, IconCalendarCog, IconDatabaseImport, IconDna, IconMessageCog, IconPaw, IconPuzzle, IconStethoscope, IconVaccine, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Enlace } from '@/app/direccion';
import { Marco } from '@/app/Marco';
import { usePartes } from './datos';
import './ajustes.css';

const ICONOS: Record<string, Icon> = { servicios: IconStethoscope, agenda: IconCalendarCog, pacientes: IconAdjustments, especies: IconPaw, vacunas: IconVaccine, antigenos: IconDna, razones: IconBuildingBank, mensajes: IconMessageCog, modulos: IconPuzzle, importar: IconDatabaseImport };

export default function Ajustes() {
  const { t } = useTranslation('ajustes');
  const partes = usePartes().filter((parte) => parte.ve);
  return (
    <Marco titulo={t('titulo')} detalle={t('detalle')}>
      <ul className="ajustes-tarjetas">
        {partes.map((parte) => {
          const Icono = ICONOS[parte.clave] ?? IconAdjustments;
          return (
            <li key={parte.clave}>
              <Enlace a={parte.a} className="panel ajustes-tarjeta">
                <Icono size={22} stroke={1.6} aria-hidden />
                <b>{t(`parte.${parte.clave}`)}</b>
                <span>{t(`para.${parte.clave}`)}</span>
              </Enlace>
            </li>
          );
        })}
      </ul>
    </Marco>
  );
}
