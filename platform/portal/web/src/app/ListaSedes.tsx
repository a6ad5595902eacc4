import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sinTildes } from '@/comun/texto';
import { BotonSede } from './SelectorSede';
import { useSesion } from './sesion';

/** `alVenir`: once it is there it stays, so that closing it leaves the focus where it was. */
export default function ListaSedes({ abierto, alAbrir, alVenir }: { abierto: boolean; alAbrir: (abierto: boolean) => void; alVenir: () => void }) {
  const { t } = useTranslation();
  const { yo, sede, cambiarSede } = useSesion();
  const [busca, setBusca] = useState('');
  const caja = useCombobox({
    onDropdownClose: () => {
      caja.resetSelectedOption();
      setBusca('');
      alAbrir(false);
    },
    onDropdownOpen: () => {
      caja.focusSearchInput();
      alAbrir(true);
    },
  });
  useEffect(alVenir, [alVenir]);
  useEffect(() => {
    if (abierto) caja.openDropdown();
    // The combobox is another object on each render.
  }, [abierto]);
  const halladas = yo.sedes.filter((una) => una.activa && sinTildes(`${una.nombre} ${una.ciudad}`).includes(sinTildes(busca)));
  return (
    <Combobox
      store={caja}
      width={280}
      position="bottom-start"
      onOptionSubmit={(id) => {
        cambiarSede(id);
        caja.closeDropdown();
        caja.focusTarget();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <BotonSede aria-expanded={caja.dropdownOpened} onClick={() => caja.toggleDropdown()} />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={busca}
          onChange={(evento) => {
            setBusca(evento.currentTarget.value);
            caja.selectFirstOption();
          }}
          onKeyDown={(evento) => {
            if (evento.key === 'Escape') caja.focusTarget();
          }}
          placeholder={t('sede.buscar')}
          aria-label={t('sede.buscar')}
        />
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }}>
          {halladas.map((una) => (
            <Combobox.Option key={una.id} value={una.id} active={una.id === sede?.id}>
              <span className="opcion">
                <span>
                  {una.nombre}
                  <small>{una.ciudad}</small>
                </span>
                {una.id === sede?.id && <IconCheck size={15} aria-hidden />}
              </span>
            </Combobox.Option>
          ))}
          {halladas.length === 0 && <Combobox.Empty>{t('paleta.nada', { q: busca })}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
