#include <stdio.h>
#include "offload.h"
#include "vif.h"
#include <string.h>
int main(void)
{
    static const uint8_t mac[6] = {0,0x16,0x3e,0,0,1};
    struct ring *r; struct offload o; 
    struct csumoff_netfront_caps mine = {true,true,true,true,true};
    int s = vif_plug(0, mac);
    printf("plug %d\n", s);
    s = ring_open(&r, vif_device(0));
    printf("open %d\n", s);
    if (s) return 1;
    s = offload_connect(&o, r, &mine);
    printf("connect %d caps %d %d %d %d %d\n", s, o.theirs.csum_ipv4, o.theirs.csum_ipv6, o.theirs.gso_tcpv4,o.theirs.gso_tcpv6,o.theirs.sg);
    ring_close(r);
    printf("ok 1 - closed\n");
    return 0;
}
