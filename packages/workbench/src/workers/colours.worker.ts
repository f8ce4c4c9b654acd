import "@codingame/monaco-vscode-textmate-service-override/worker";
