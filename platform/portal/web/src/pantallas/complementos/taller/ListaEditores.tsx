import { IconCircleCheck, IconKeyOff, IconPlayerPause, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Enlace } from '@/app/direccion';
import { Pastilla } from '@/comun/Pastilla';
import type { Editor } from '../datos';

export function ComoEditor({ editor }: { editor: Editor }) {
  const { t } = useTranslation('complementos');
  if (editor.suspendido)
    return (
      <Pastilla tono="grave" icono={IconX}>
        {t('editor.suspendido')}
      </Pastilla>
    );
  if (!editor.activo)
    return (
      <Pastilla tono="aviso" icono={IconPlayerPause}>
        {t('editor.inactivo')}
      </Pastilla>
    );
  if (!editor.claves.some((una) => !una.revocada_en))
    return (
      <Pastilla tono="aviso" icono={IconKeyOff}>
        {t('editor.sin_claves')}
      </Pastilla>
    );
  return (
    <Pastilla tono="bien" icono={IconCircleCheck}>
      {t('editor.activo')}
    </Pastilla>
  );
}

export function ListaEditores({ editores }: { editores: Editor[] }) {
  const { t } = useTranslation('complementos');
  return (
    <ul className="lineas cmp-lista">
      {editores.map((editor) => (
        <li key={editor.clave}>
          <span className="cmp-crece">
            <Enlace a={`/complementos/editores/${editor.clave}`}>
              <b>{editor.nombre}</b>
            </Enlace>{' '}
            <span className="tenue chico">
              {editor.clave} · {editor.contacto} · {t('editor.cuantas', { count: editor.claves.filter((una) => !una.revocada_en).length })}
            </span>
          </span>
          <ComoEditor editor={editor} />
        </li>
      ))}
    </ul>
  );
}
