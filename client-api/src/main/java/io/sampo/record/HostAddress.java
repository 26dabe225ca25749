package io.sampo.record;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

  /** The address as the JDK's class; no name is looked up. */
  public InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(inetAddress(), port);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HostAddress that
        && port == that.port
        && Arrays.equals(address, that.address);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(address) + port;
  }

  @Override
  public String toString() {
    String host = inetAddress().getHostAddress();
    return isIpv6() ? "[" + host + "]:" + port : host + ":" + port;
  }

  private InetAddress inetAddress() {
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new AssertionError("the length was checked by the constructor", e);
    }
  }
}
