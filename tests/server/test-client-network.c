#include "config.h"

#include "server/client-network.h"

static const struct
{
  const char *address;
  const char *network;
} cases[] = {
  { "192.0.2.1", "192.0.2.1" },
  { "2001:db8:1:2::1", "2001:db8:1:2::/64" },
  { "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64" },
  { "2001:db8:1:3::1", "2001:db8:1:3::/64" },
  { "fe80::1", "fe80::/64" },
  { "::1", "::/64" },
  { "no address", "no address" },
  { "", "" },
};

static void
test_networks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *network = bipe_client_network_dup (cases[i].address);

      g_assert_cmpstr (network, ==, cases[i].network);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client-network/networks", test_networks);
  return g_test_run ();
}
