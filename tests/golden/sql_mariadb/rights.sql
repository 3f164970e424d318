show grants;
