/** What `form.getInputProps` gives, as the fields of dates and hours take it. */
import type { GetInputPropsReturnType } from '@mantine/form';

export const deCampo = ({ value, onChange, onBlur: _onBlur, onFocus: _onFocus, defaultValue: _inicial, checked: _marcada, defaultChecked: _deInicio, ...resto }: GetInputPropsReturnType) => ({
  ...resto,
  valor: (value ?? '') as string,
  alCambiar: onChange as (valor: string) => void,
});
