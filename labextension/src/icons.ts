import { LabIcon } from '@jupyterlab/ui-components';

import catalogue from '../style/icons/catalogue.svg';
import extraction from '../style/icons/extraction.svg';
import portal from '../style/icons/portal.svg';
import sealed from '../style/icons/sealed.svg';

export const catalogueIcon = new LabIcon({ name: 'hdh:catalogue', svgstr: catalogue });
export const extractionIcon = new LabIcon({ name: 'hdh:extraction', svgstr: extraction });
export const portalIcon = new LabIcon({ name: 'hdh:portal', svgstr: portal });
export const sealedIcon = new LabIcon({ name: 'hdh:sealed', svgstr: sealed });
