import "@codingame/monaco-vscode-editor-api/esm/vs/editor/editor.worker.js";
