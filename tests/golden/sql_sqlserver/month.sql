select year([ngay]) * 100 + month([ngay]) from [bang];
