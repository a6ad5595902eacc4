import { Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAtajos, type Atajo } from './atajos';

const NOMBRES: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', Enter: '⏎', Escape: 'Esc', Delete: 'Supr' };
export function Teclas({ teclas }: { teclas: string }) {
  const partes = teclas.split(' ').map((parte) => parte.replace('mod+', 'Ctrl '));
  return (
    <span className="teclas">
      {partes.map((parte, i) => (
        <kbd key={i}>{NOMBRES[parte] ?? (parte.length === 1 ? parte.toUpperCase() : parte.replace(/ (.)$/, (_, letra: string) => ` ${letra.toUpperCase()}`))}</kbd>
      ))}
    </span>
  );
}

export default function HojaAtajos({ cerrar }: { cerrar: () => void }) {
  const { t } = useTranslation();
  const atajos = useAtajos();
  const grupos: Atajo['grupo'][] = ['pantalla', 'general', 'ir'];
  return (
    <Modal opened onClose={cerrar} title={t('atajos.titulo')} size="lg" closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <div className="hoja">
        {grupos.map((grupo) => {
          const unicos = [...new Map(atajos.filter((a) => a.grupo === grupo && a.texto).map((a) => [a.teclas, a])).values()];
          if (unicos.length === 0) return null;
          return (
            <section key={grupo}>
              <Text component="h3" fw={650} size="sm" mb={6}>
                {t(`atajos.${grupo}`)}
              </Text>
              <dl>
                {unicos.map((atajo) => (
                  <div key={atajo.teclas}>
                    <dt>{atajo.texto}</dt>
                    <dd>
                      <Teclas teclas={atajo.teclas} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Modal>
  );
}
