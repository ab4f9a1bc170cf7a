<?php echo "Hello ", strtoupper($_SERVER['REQUEST_METHOD']), ' ', bin2hex(iconv('UTF-8', 'ISO-8859-1', 'ä')), ' ', trim(shell_exec('echo shell')), "\n";
