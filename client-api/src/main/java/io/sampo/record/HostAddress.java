package io.sampo.record;

import java.net.InetSocketAddress;

/**
 * A born or store host as the record holds it: 4 (IPv4) or 16 (IPv6) address bytes and a port.
 *
 * @param address 4 or 16 bytes in network order; not copied, never changed
 * @param port 0 to 65535
 */
public record HostAddress(byte[] address, int port) {
  public HostAddress {
    if (address.length != 4 && address.length != 16) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length);
    }
  }

  /** The address of a resolved socket address. */
  public static HostAddress of(InetSocketAddress socketAddress) {
    return new HostAddress(socketAddress.getAddress().getAddress(), socketAddress.getPort());
  }

  /** True when the record needs the IPv6 bit of its system flag for this host. */
  public boolean isIpv6() {
    return address.length == 16;
  }
}
