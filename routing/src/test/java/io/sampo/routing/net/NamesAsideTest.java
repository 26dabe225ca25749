package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NamesAsideTest {
  private final EventLoop loop = new DefaultEventLoop();
  private final NamesAside names = new NamesAside();
  private final AddressResolver<InetSocketAddress> resolver = names.getResolver(loop);

  @AfterEach
  void stop() {
    names.close();
    loop.shutdownGracefully();
  }

  private Future<InetSocketAddress> resolve(String host) {
    return resolver.resolve(InetSocketAddress.createUnresolved(host, 7)).awaitUninterruptibly();
  }

  @Test
  void namesAndAddressesAreResolved() {
    for (String host : new String[] {"localhost", "127.0.0.1", "::1"}) {
      InetSocketAddress resolved = resolve(host).getNow();
      assertThat(resolved.getAddress().isLoopbackAddress()).as(host).isTrue();
      assertThat(resolved.getPort()).isEqualTo(7);
    }
  }

  @Test
  void aThreadOfItsOwnWaits() {
    resolve("localhost");

    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .anyMatch(name -> name.startsWith("sampo-net-names"));
  }

  @Test
  void aNameThatNobodyHasIsToldSo() {
    assertThat(resolve("no-such-host.invalid").cause()).isInstanceOf(UnknownHostException.class);
  }
}
