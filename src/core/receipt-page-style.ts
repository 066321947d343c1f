/** For the eye, the telephone and the printer: on paper it is always light, and no table row is torn apart. */
export const pageStyle = `
:root{color-scheme:light dark;--ground:#f5f7f7;--card:#fff;--line:#dce2e3;--ink:#142022;--soft:#546264;--good:#17683a;--bad:#b3261e;--warn:#845000}
@media screen and (prefers-color-scheme:dark){:root{--ground:#101416;--card:#181e21;--line:#2b3438;--ink:#e4ebec;--soft:#9babae;--good:#74cf93;--bad:#ff9389;--warn:#efb65f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 -apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:2rem 1.25rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem}
.outcome{margin:.2rem 0 1.2rem;font-size:1.15rem;font-weight:700}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
figure{margin:0;border:1px solid var(--line);border-radius:6px;overflow:hidden;background:var(--card)}
figure svg{display:block;width:100%;height:auto}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.3rem 1.5rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}
.wide td,.wide th{white-space:nowrap}
.wide:focus-visible,figure:focus-visible{outline:2px solid currentColor;outline-offset:2px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.4rem 1.2rem .4rem 0;border-top:1px solid var(--line);text-align:left;font-weight:400;vertical-align:top}
thead th{border-top:0;color:var(--soft);font-size:.9rem;white-space:nowrap}
tbody th{font-weight:600}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.9em;overflow-wrap:anywhere}
footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}
@media screen and (max-width:40rem){figure{overflow-x:auto}figure svg{width:48rem}}
@media (max-width:40rem){dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:.5rem}}
@media print{@page{margin:14mm}body{background:none;font-size:11pt}main{padding:0;max-width:none}figure,tr,dl{break-inside:avoid}h2{break-after:avoid}.wide{overflow:visible}.wide td,.wide th{white-space:normal}thead{display:table-header-group}}
`;
