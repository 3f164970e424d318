select truncate(`so`, 0) from `bang`;
