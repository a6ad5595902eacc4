import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { IconBuildingHospital, IconCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sinTildes } from '@/comun/texto';
import { useSesion } from './sesion';

/** The sede in use; `S` opens it from anywhere. With one sede only it is just its name. */
export function SelectorSede({ abierto, alAbrir }: { abierto: boolean; alAbrir: (abierto: boolean) => void }) {
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
  useEffect(() => {
    if (abierto) caja.openDropdown();
    // The combobox is another object on each render.
  }, [abierto]);
  const activas = yo.sedes.filter((una) => una.activa);
  if (activas.length < 2)
    return (
      <span className="sede-una">
        <IconBuildingHospital size={16} aria-hidden /> {sede?.nombre ?? t('sede.ninguna')}
      </span>
    );
  const halladas = activas.filter((una) => sinTildes(`${una.nombre} ${una.ciudad}`).includes(sinTildes(busca)));
  return (
    <Combobox
      store={caja}
      width={280}
      position="bottom-start"
      onOptionSubmit={(id) => {
        cambiarSede(id);
        caja.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <InputBase
          component="button"
          type="button"
          pointer
          size="xs"
          className="sede"
          leftSection={<IconBuildingHospital size={16} aria-hidden />}
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          aria-label={`${t('sede.elegir')}: ${sede?.nombre ?? ''}`}
          aria-haspopup="listbox"
          aria-expanded={caja.dropdownOpened}
          aria-keyshortcuts="S"
          onClick={() => caja.toggleDropdown()}
        >
          {sede?.nombre ?? t('sede.ninguna')}
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={busca}
          onChange={(evento) => {
            setBusca(evento.currentTarget.value);
            caja.selectFirstOption();
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
